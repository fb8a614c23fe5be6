// The room in which opened secrets lie: `<mount>/<stack>/<service>@<set>/<file>`. Written when a stack is begun with,
// restored whenever they are gone while the stack runs, taken away when what had them is gone for certain. What lies there
// stands in the record before. Values live in buffers that are zeroed after use.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#infra/logger.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { redactorOfCopies } from './copies.ts';
import { folderOf } from './generation.ts';
import type { SecretsMount } from './mount.ts';
import type { Opener } from './open.ts';
import type { UserOf } from './owner.ts';
import type { RoomRecord, RoomRecords, SecretSet } from './record.ts';
import { closed, type Redactor } from './redactor.ts';
import { apartName, begun, copyName, placeName, setsOf, settled } from './sets.ts';
import { OPENED, sweepRoom, sweepStack } from './sweep.ts';
import type { ServiceSecrets } from './uses.ts';
import { carriedValues, isWhole, openSet, placed, type Values, wipe, writeSet } from './writing.ts';

export interface SecretRoom {
  /** Where a service's secrets lie, without making it. The folder: as `folderOf` says. */
  directory(stack: string, folder: string): string;
  file(stack: string, folder: string, path: string): string;
  /**
   * Opens what the stack needs and writes it, beside what its containers have now. @returns values for the environment of the Compose call, by carrier
   * @throws SecretRefused, NoSecretsRoom
   */
  prepare(stack: DesiredStack, uses: readonly ServiceSecrets[], userOf: UserOf): Promise<Record<string, string>>;
  /** Writes again what is gone, from what is kept sealed on this node. What can't be is logged, and tried at the next call. */
  restore(): Promise<void>;
  /** By stack and service: containers that were started before that moment look into a folder that is no more. */
  lost(): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>;
  /** Their containers were made anew. */
  found(stack: string, services: readonly string[]): Promise<void>;
  /** What was prepared last is up, or a version without secrets: nothing else is in use. */
  settle(stack: string, hasSecrets: boolean): Promise<void>;
  /** Nothing of it that has secrets is left. */
  forget(stack: string): Promise<void>;
  /** Takes this stack's values out of a text. */
  redactor(stack: string): Redactor;
  /** Values were written; what was before anybody listened is told then. */
  onOpened(listener: OpenedListener): void;
}

export type OpenedListener = (stack: string, secrets: { name: string; version: number }[]) => void;

export interface RoomParts {
  readonly mount: SecretsMount;
  readonly opener: Opener;
  readonly records: RoomRecords;
  readonly log: Pick<Logger, 'warn'>;
  now(): number;
}

export function secretRoom(parts: RoomParts): SecretRoom {
  const { mount, opener, records, log, now } = parts;
  /** Why a stack's secrets could not be restored, so that it is said once. */
  const troubles = new Map<string, string>();
  const untold: Parameters<OpenedListener>[] = [];
  let tell: OpenedListener = (...opened) => untold.push(opened);
  /** One at a time: a look restores while a flight prepares, and both write the same files. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = last.then(act);
    last = turn.catch(() => {});
    return turn;
  }
  const stackFolder = (stack: string) => join(mount.directory, stack);
  const directory = (stack: string, folder: string) => join(stackFolder(stack), folder);
  let isSwept = false;

  /** @returns services whose folder had to be made */
  async function write(record: RoomRecord, set: SecretSet, values: Values): Promise<readonly string[]> {
    const { stack } = record;
    const inUse = new Set(copiesOf(record));
    const { isWritten, made } = await writeSet(stackFolder(stack), set, values, inUse);
    const opened = set.secrets.map(({ secret: name, version }) => ({ name, version }));
    if (isWritten) tell(stack, opened);
    return made;
  }

  async function keepLost(record: RoomRecord, services: readonly string[]): Promise<void> {
    const moment = now();
    const lost = { ...record.lost, ...Object.fromEntries(services.map((service) => [service, moment])) };
    await records.keep({ ...record, lost });
  }

  async function prepare(
    stack: DesiredStack,
    uses: readonly ServiceSecrets[],
    userOf: UserOf,
  ): Promise<Record<string, string>> {
    const used = new Set(uses.flatMap((use) => [...use.files, ...use.variables].map(({ secret }) => secret)));
    const secrets = stack.secrets.filter(({ name }) => used.has(name));
    const services = await Promise.all(uses.map(async (use) => placed(use, folderOf(use, secrets), await userOf(use))));
    const set = { secrets, services };
    const values = await openSet(stack.name, set, opener);
    try {
      const carried = carriedValues(uses, values);
      await mount.ensure();
      const before = await records.find(stack.name);
      const record = begun(before, stack.name, set);
      await records.keep(record);
      const made = await write(record, set, values);
      // A folder that should have been there: its containers look into nothing. Without a record any may have been.
      const had = before && new Set(setsOf(before).flatMap((old) => old.services.map(placeName)));
      const gone = services.filter((entry) => made.includes(entry.service) && (had?.has(placeName(entry)) ?? true));
      await keepLost(
        record,
        gone.map(({ service }) => service),
      );
      await sweepStack(stackFolder(stack.name), record);
      return carried;
    } finally {
      wipe(values);
    }
  }

  async function restoreStack(record: RoomRecord, isReady: boolean): Promise<void> {
    for (const set of setsOf(record)) {
      if (isReady && (await isWhole(stackFolder(record.stack), set))) continue;
      const values = await openSet(record.stack, set, opener);
      try {
        await mount.ensure();
        await keepLost((await records.find(record.stack)) ?? record, await write(record, set, values));
      } finally {
        wipe(values);
      }
    }
  }

  async function restore(): Promise<void> {
    const isReady = await mount.isReady();
    if (isReady && !isSwept) {
      await sweepRoom(mount.directory, records);
      isSwept = true;
    }
    for (const record of await records.all()) {
      try {
        await restoreStack(record, isReady);
        troubles.delete(record.stack);
      } catch (error) {
        const reason = wordsOf(error);
        if (troubles.get(record.stack) === reason) continue;
        troubles.set(record.stack, reason);
        log.warn({ stack: record.stack, reason }, "a stack's secrets can't be restored");
      }
    }
  }

  async function settle(stack: string): Promise<void> {
    const record = await records.find(stack);
    if (record === null) return;
    const now = settled(record);
    await records.keep(now);
    await sweepStack(stackFolder(stack), now);
  }

  /** What is in no record is swept at the next start, should this be the last thing we do. */
  async function forget(stack: string): Promise<void> {
    await records.remove(stack);
    await rm(stackFolder(stack), { recursive: true, force: true });
  }

  return {
    directory,
    file: (stack, folder, path) => join(apartName(directory(stack, folder)), path),
    prepare: (stack, uses, userOf) => inTurn(() => prepare(stack, uses, userOf)),
    restore: () => inTurn(restore),
    async lost() {
      return new Map((await records.all()).map((record) => [record.stack, record.lost]));
    },
    found: (stack, services) =>
      inTurn(async () => {
        const record = await records.find(stack);
        if (record === null) return;
        const still = Object.entries(record.lost).filter(([service]) => !services.includes(service));
        await records.keep({ ...record, lost: Object.fromEntries(still) });
      }),
    settle: (stack, hasSecrets) =>
      inTurn(() => (hasSecrets ? settle(stack) : forget(stack))).catch((error: unknown) => {
        // It is up all the same; the next change, or the next start, takes away what lies there.
        log.warn({ stack, reason: wordsOf(error) }, 'secrets that are no longer in use can not be taken away');
      }),
    forget: (stack) => inTurn(() => forget(stack)),
    redactor(stack) {
      const record = records.known(stack);
      if (record === undefined) return closed;
      return redactorOfCopies(join(stackFolder(stack), OPENED), record === null ? [] : copiesOf(record));
    },
    onOpened(listener) {
      tell = listener;
      for (const opened of untold.splice(0)) tell(...opened);
    },
  };
}

function copiesOf(record: RoomRecord): string[] {
  return setsOf(record).flatMap(({ secrets }) => secrets.map(copyName));
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
