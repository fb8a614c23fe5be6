// Ids that are the same in every run. Pure.
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

export function idOf(kind: string, number: number): string {
  let state = 2166136261;
  let id = '';
  for (const character of `${kind} ${number}`) state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  while (id.length < 26) {
    state = Math.imul(state ^ (state >>> 13), 1597334677) + 12345;
    id += ALPHABET[(state >>> 9) & 31];
  }
  return id;
}

/** A clock of the stand-in's world. */
export function ago(now: number, seconds: number): string {
  return new Date(now - seconds * 1000).toISOString();
}
