// What the agent remembers of the secrets that it opened for a stack: who got which, all still sealed. With it they are
// back after a reboot before anything else runs, without the core, without Compose and without the engine.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { StackName } from '#subjects/schema/ids.ts';
import { DesiredSecret } from '#subjects/schema/secret.ts';
import { RelativePath } from '#subjects/schema/stack.ts';
import { writeDurably } from '../state/durable-file.ts';

const id = z.int().check(z.minimum(0));
export const PlacedFile = z.object({
  secret: z.string(),
  path: RelativePath,
  /** Not below /run/secrets. */
  isApart: z.boolean(),
  uid: id,
  gid: id,
  mode: id,
});
export type PlacedFile = z.infer<typeof PlacedFile>;

const name = z.string().check(z.regex(/^[a-zA-Z0-9._-]+$/));
const set = {
  secrets: z.array(DesiredSecret),
  services: z.array(
    z.object({
      service: name,
      folder: z._default(z.string().check(z.regex(/^([a-zA-Z0-9._-]+@[0-9a-f]+)?$/)), ''),
      files: z.array(PlacedFile),
      holders: z.array(RelativePath),
    }),
  ),
};
/** What one version of a stack has opened. */
export const SecretSet = z.object(set);
export type SecretSet = z.infer<typeof SecretSet>;

export const RoomRecord = z.object({
  stack: StackName,
  ...set,
  /** What containers may still have mounted, the newest first. */
  earlier: z._default(z.array(SecretSet), []),
  /** Services whose folder was made anew since their containers were started, and when. */
  lost: z._default(z.record(z.string(), z.number()), {}),
});
export type RoomRecord = z.infer<typeof RoomRecord>;

const ENDING = '.secrets.json';

export interface RoomRecords {
  all(): Promise<RoomRecord[]>;
  find(stack: string): Promise<RoomRecord | null>;
  /** Without looking. Null: it has none; undefined: nobody knows, since it was not looked for yet, or can't be read. */
  known(stack: string): RoomRecord | null | undefined;
  /** Stacks that have one, also those whose record can't be read: what they opened may be in use. */
  stacks(): Promise<Set<string>>;
  keep(record: RoomRecord): Promise<void>;
  remove(stack: string): Promise<void>;
}

/** Beside the stacks' folders: a stack's name has no dot. */
export function roomRecords(folder: string): RoomRecords {
  const fileOf = (stack: string) => join(folder, `${StackName.parse(stack)}${ENDING}`);
  /** Nothing else writes them; null: known to be absent. */
  const known = new Map<string, RoomRecord | null>();
  let isComplete = false;
  const unreadable = new Set<string>();

  async function read(stack: string): Promise<RoomRecord | null> {
    try {
      return RoomRecord.parse(JSON.parse(await readFile(fileOf(stack), 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unreadable.add(stack);
      return null;
    }
  }

  async function find(stack: string): Promise<RoomRecord | null> {
    const before = known.get(stack);
    if (before !== undefined) return before;
    const record = await read(stack);
    known.set(stack, record);
    return record;
  }

  const named = async () =>
    (await readdir(folder).catch(noneYet)).flatMap((file) =>
      file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : [],
    );

  return {
    find,
    known(stack) {
      if (unreadable.has(stack)) return undefined;
      return known.get(stack) ?? (isComplete ? null : undefined);
    },
    stacks: async () => new Set(await named()),
    async all() {
      if (!isComplete) {
        for (const stack of await named()) await find(stack);
        isComplete = true;
      }
      return [...known.values()].filter((record) => record !== null);
    },
    async keep(record) {
      const before = await find(record.stack);
      known.set(record.stack, record);
      unreadable.delete(record.stack);
      const text = JSON.stringify(record);
      if (before === null || JSON.stringify(before) !== text) await writeDurably(fileOf(record.stack), text);
    },
    async remove(stack) {
      if ((await find(stack)) === null && !unreadable.delete(stack)) return;
      known.set(stack, null);
      await rm(fileOf(stack), { force: true });
    },
  };
}

/** @throws unless nothing was ever kept: who can't read the list must not take it for an empty one */
function noneYet(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
