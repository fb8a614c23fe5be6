// The room in which opened secrets lie: `<mount>/<stack>/<service>/<file>`. Written when a stack is brought up, restored
// whenever they are gone while the stack runs, taken away with it. Values live in buffers that are zeroed after use.
import { isUtf8 } from 'node:buffer';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#infra/logger.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { keepCopies, redactorOfCopies } from './copies.ts';
import { type FileOfSecret, isThere, writeSecretFiles } from './files.ts';
import type { SecretsMount } from './mount.ts';
import { type Opener, openSecret, SecretRefused } from './open.ts';
import type { RoomRecord, RoomRecords } from './record.ts';
import type { Redactor } from './redactor.ts';
import { SECRET_FILE_MODE, type ServiceSecrets } from './uses.ts';

export interface SecretRoom {
  /** Where a service's secrets lie, without making it. */
  directory(stack: string, service: string): string;
  file(stack: string, service: string, path: string): string;
  /**
   * Opens what the stack needs and writes it. @returns values for the environment of the Compose call, by carrier
   * @throws SecretRefused, NoSecretsRoom
   */
  prepare(stack: DesiredStack, uses: readonly ServiceSecrets[], userOf: UserOf): Promise<Record<string, string>>;
  /** Writes again what is gone, from what is kept sealed on this node. What can't be is logged, and tried at the next call. */
  restore(): Promise<void>;
  /** By stack and service: containers that were started before that moment look into a folder that is no more. */
  lost(): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>>;
  /** Their containers were made anew. */
  found(stack: string, services: readonly string[]): Promise<void>;
  /** Its secrets are needed no more. */
  forget(stack: string): Promise<void>;
  /** Takes this stack's values out of a text. */
  redactor(stack: string): Redactor;
  /** Values were written; what was before anybody listened is told then. */
  onOpened(listener: OpenedListener): void;
}

export type OpenedListener = (stack: string, secrets: { name: string; version: number }[]) => void;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
  /** False: the user is a name that only the image knows. */
  readonly isCertain: boolean;
}
export type UserOf = (uses: ServiceSecrets) => Promise<Owner>;

export interface RoomParts {
  readonly mount: SecretsMount;
  readonly opener: Opener;
  readonly records: RoomRecords;
  readonly log: Pick<Logger, 'warn'>;
  now(): number;
}

/** Copies for the redactor. `@` is in no service's name. */
const OPENED = '@opened';
/** Read by root alone. */
const STACK_MODE = 0o711;
/** For a user that only the image knows by name: nobody else reaches the folder. */
const OPEN_MODE = 0o444;

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
  const directory = (stack: string, service: string) => join(stackFolder(stack), service);
  const apart = (stack: string, service: string) => join(stackFolder(stack), `${service}@files`);

  async function write(record: RoomRecord): Promise<{ values: Map<string, Buffer>; lost: Record<string, number> }> {
    const { stack } = record;
    const values = new Map<string, Buffer>();
    for (const secret of record.secrets) values.set(secret.name, await openSecret(secret, stack, opener));
    await mount.ensure();
    await mkdir(stackFolder(stack), { recursive: true, mode: STACK_MODE });
    await chmod(stackFolder(stack), STACK_MODE);
    const lost: Record<string, number> = {};
    let isWritten = await keepCopies(join(stackFolder(stack), OPENED), record.secrets, values);
    for (const { service, files, holders } of record.services) {
      const own = files.map((file) => ({ ...file, value: values.get(file.secret) ?? Buffer.alloc(0) }));
      const held: FileOfSecret[] = holders.map((path) => ({
        path,
        value: Buffer.alloc(0),
        uid: 0,
        gid: 0,
        mode: 0o444,
      }));
      const inside = [...own.filter(({ isApart }) => !isApart), ...held];
      const outside = own.filter(({ isApart }) => isApart);
      const done = [await writeSecretFiles(directory(stack, service), inside)];
      if (outside.length > 0) done.push(await writeSecretFiles(apart(stack, service), outside));
      if (done.some((one) => one.isNew)) lost[service] = now();
      isWritten ||= done.some((one) => one.isWritten);
    }
    const used = record.secrets.map(({ secret: name, version }) => ({ name, version }));
    if (isWritten) tell(stack, used);
    return { values, lost };
  }

  async function isWhole({ stack, services }: RoomRecord): Promise<boolean> {
    const folders = services.flatMap(({ service, files }) => [
      ...files.map((file) => join(file.isApart ? apart(stack, service) : directory(stack, service), file.path)),
    ]);
    for (const path of [join(stackFolder(stack), OPENED), ...folders]) if (!(await isThere(path))) return false;
    return true;
  }

  async function prepare(
    stack: DesiredStack,
    uses: readonly ServiceSecrets[],
    userOf: UserOf,
  ): Promise<Record<string, string>> {
    const before = await records.find(stack.name);
    const used = new Set(uses.flatMap((use) => [...use.files, ...use.variables].map(({ secret }) => secret)));
    const services = await Promise.all(uses.map((use) => placed(use, userOf)));
    const secrets = stack.secrets.filter(({ name }) => used.has(name));
    const record = { stack: stack.name, secrets, services, lost: before?.lost ?? {} };
    const { values, lost } = await write(record);
    // Folders that were there before and are made anew now: their containers look into nothing.
    const gone = before?.services.map(({ service }) => service).filter((service) => service in lost) ?? [];
    await records.keep({
      ...record,
      lost: { ...record.lost, ...Object.fromEntries(gone.map((service) => [service, lost[service] ?? now()])) },
    });
    for (const old of before?.services ?? []) {
      if (services.some(({ service }) => service === old.service)) continue;
      await rm(directory(stack.name, old.service), { recursive: true, force: true });
      await rm(apart(stack.name, old.service), { recursive: true, force: true });
    }
    const carried = carriedValues(uses, values);
    for (const value of values.values()) value.fill(0);
    return carried;
  }

  async function restore(): Promise<void> {
    const all = await records.all();
    if (all.length === 0) return;
    const isReady = await mount.isReady();
    for (const record of all) {
      if (isReady && (await isWhole(record))) continue;
      try {
        const { values, lost } = await write(record);
        for (const value of values.values()) value.fill(0);
        await records.keep({ ...record, lost: { ...record.lost, ...lost } });
        troubles.delete(record.stack);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (troubles.get(record.stack) === reason) continue;
        troubles.set(record.stack, reason);
        log.warn({ stack: record.stack, reason }, "a stack's secrets can't be restored");
      }
    }
  }

  return {
    directory,
    file: (stack, service, path) => join(apart(stack, service), path),
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
    forget: (stack) =>
      inTurn(async () => {
        if ((await records.find(stack)) === null) return;
        await records.remove(stack);
        await rm(stackFolder(stack), { recursive: true, force: true });
      }),
    redactor: (stack) => redactorOfCopies(join(stackFolder(stack), OPENED)),
    onOpened(listener) {
      tell = listener;
      for (const opened of untold.splice(0)) tell(...opened);
    },
  };
}

async function placed(use: ServiceSecrets, userOf: UserOf): Promise<RoomRecord['services'][number]> {
  const { uid, gid, isCertain } = await userOf(use);
  const files = use.files.map((file) => ({
    secret: file.secret,
    path: file.path,
    isApart: file.target !== null,
    uid: file.uid ?? uid,
    gid: file.gid ?? gid,
    mode: file.mode ?? (isCertain || file.uid !== null ? SECRET_FILE_MODE : OPEN_MODE),
  }));
  return { service: use.service, files, holders: [...use.holders] };
}

/** The one place where a value becomes text: it is asked for as a variable, which stays readable anyway. */
function carriedValues(uses: readonly ServiceSecrets[], values: ReadonlyMap<string, Buffer>): Record<string, string> {
  const carried: Record<string, string> = {};
  for (const { secret, carrier } of uses.flatMap(({ variables }) => variables)) {
    const value = values.get(secret);
    if (value === undefined) continue;
    // Refused here: an error of the system would quote it.
    if (value.includes(0) || !isUtf8(value)) {
      throw new SecretRefused(`secret ${secret} is no text, so it can be a file but no variable`);
    }
    carried[carrier] = value.toString('utf8');
  }
  return carried;
}
