// Pure: which sets of secrets of a stack lie opened on the node. Until a version is up for certain, its containers may be
// those of any version that was begun since the last that was, and each keeps the folder it has mounted.
import type { RoomRecord, SecretSet } from './record.ts';

/** Of versions that were begun and not brought up: operators try a handful, and each may weigh megabytes of memory. */
const MOST_EARLIER = 6;

export function setsOf(record: RoomRecord): SecretSet[] {
  return [{ secrets: record.secrets, services: record.services }, ...record.earlier];
}

/** The record as it is to be before a set is written: everything that will be there stands in it. */
export function begun(before: RoomRecord | null, stack: string, set: SecretSet): RoomRecord {
  if (before === null) return { stack, ...set, earlier: [], lost: {} };
  const others = setsOf(before).filter((other) => !isSame(other, set));
  // The last is what was brought up for certain.
  const [certain] = others.slice(-1);
  const earlier =
    others.length <= MOST_EARLIER ? others : [...others.slice(0, MOST_EARLIER - 1), ...(certain ? [certain] : [])];
  return { stack, ...set, earlier, lost: before.lost };
}

/** The newest set alone is in use. */
export function settled(record: RoomRecord): RoomRecord {
  const own = new Set(record.services.map(({ service }) => service));
  const lost = Object.fromEntries(Object.entries(record.lost).filter(([service]) => own.has(service)));
  return { ...record, earlier: [], lost };
}

function isSame(left: SecretSet, right: SecretSet): boolean {
  return marks(left).join('\n') === marks(right).join('\n');
}

function marks({ secrets, services }: SecretSet): string[] {
  return [...secrets.map(copyName), ...services.map(placeName)].toSorted();
}

/** Of the copy that is looked for in output. */
export function copyName({ secret, version }: { readonly secret: string; readonly version: number }): string {
  return `${secret}@${version}`;
}

/** Agents before folders had versions named them by the service alone. */
export function placeName({ service, folder }: SecretSet['services'][number]): string {
  return folder === '' ? service : folder;
}

/** Of files that are mounted one by one. */
export function apartName(place: string): string {
  return `${place}@files`;
}
