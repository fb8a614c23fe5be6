// Pure. The name a node gets when nobody chose one: its host name in our alphabet, with a number when that is taken.

const LONGEST = 63;
const FALLBACK = 'node';

/** A host name may hold what a node's name may not. It is only a suggestion, so it may be changed. */
export function suggestedName(hostname: string): string {
  const name = hostname
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^[.-]+|[.-]+$/g, '');
  return name === '' ? FALLBACK : name;
}

/** `name`, or `name-2`, `name-3` ... */
export function freeName(name: string, isTaken: (candidate: string) => boolean): string {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `-${number}`;
    const candidate = `${name.slice(0, LONGEST - suffix.length).replace(/[.-]+$/, '')}${suffix}`;
    if (!isTaken(candidate)) return candidate;
  }
}
