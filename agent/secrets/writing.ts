// Opens one set of secrets and writes it: each service's files into a folder of the set's own, and a copy of each value for
// the redactor.
import { isUtf8 } from 'node:buffer';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keepCopies } from './copies.ts';
import { type FileOfSecret, isThere, writeSecretFiles } from './files.ts';
import { type Opener, openSecret, SecretRefused } from './open.ts';
import type { Owner } from './owner.ts';
import type { SecretSet } from './record.ts';
import { apartName, copyName, placeName } from './sets.ts';
import { OPENED } from './sweep.ts';
import { SECRET_FILE_MODE, type ServiceSecrets } from './uses.ts';

/** Read by root alone. */
const STACK_MODE = 0o711;
/** For a user that only the image knows by name: nobody else reaches the folder. */
const OPEN_MODE = 0o444;

/** By the name that the stack calls it. The caller wipes them. */
export type Values = ReadonlyMap<string, Buffer>;

/** Before anything is written: what can't be opened changes nothing. @throws SecretRefused */
export async function openSet(stack: string, { secrets }: SecretSet, opener: Opener): Promise<Values> {
  const values = new Map<string, Buffer>();
  try {
    for (const secret of secrets) values.set(secret.name, await openSecret(secret, stack, opener));
    return values;
  } catch (error) {
    wipe(values);
    throw error;
  }
}

export function wipe(values: Values): void {
  for (const value of values.values()) value.fill(0);
}

export interface Written {
  readonly isWritten: boolean;
  /** Services whose folder had to be made. */
  readonly made: readonly string[];
}

/**
 * @param folder the stack's
 * @param inUse names of all copies that are to stay
 */
export async function writeSet(
  folder: string,
  set: SecretSet,
  values: Values,
  inUse: ReadonlySet<string>,
): Promise<Written> {
  await mkdir(folder, { recursive: true, mode: STACK_MODE });
  await chmod(folder, STACK_MODE);
  const made: string[] = [];
  const opened = set.secrets.map((secret) => ({ path: copyName(secret), value: valueIn(values, secret.name) }));
  let isWritten = await keepCopies(join(folder, OPENED), opened, inUse);
  for (const entry of set.services) {
    const place = join(folder, placeName(entry));
    const own = entry.files.map((file) => ({ ...file, value: valueIn(values, file.secret) }));
    const held = entry.holders.map((path): FileOfSecret => ({ path, value: EMPTY, uid: 0, gid: 0, mode: 0o444 }));
    const inside = [...own.filter(({ isApart }) => !isApart), ...held];
    const outside = own.filter(({ isApart }) => isApart);
    const done = [await writeSecretFiles(place, inside)];
    if (outside.length > 0) done.push(await writeSecretFiles(apartName(place), outside));
    if (done.some((one) => one.isNew)) made.push(entry.service);
    isWritten ||= done.some((one) => one.isWritten);
  }
  return { isWritten, made };
}

export async function isWhole(folder: string, { secrets, services }: SecretSet): Promise<boolean> {
  const copies = secrets.map((secret) => join(folder, OPENED, copyName(secret)));
  const files = services.flatMap((entry) => {
    const place = join(folder, placeName(entry));
    return entry.files.map(({ isApart, path }) => join(isApart ? apartName(place) : place, path));
  });
  for (const path of [...copies, ...files]) if (!(await isThere(path))) return false;
  return true;
}

const EMPTY = Buffer.alloc(0);

function valueIn(values: Values, name: string): Buffer {
  return values.get(name) ?? EMPTY;
}

/** Which files a service gets, and whose they are. */
export function placed(
  use: ServiceSecrets,
  folder: string,
  { uid, gid, isCertain }: Owner,
): SecretSet['services'][number] {
  const files = use.files.map((file) => ({
    secret: file.secret,
    path: file.path,
    isApart: file.target !== null,
    uid: file.uid ?? uid,
    gid: file.gid ?? gid,
    mode: file.mode ?? (isCertain || file.uid !== null ? SECRET_FILE_MODE : OPEN_MODE),
  }));
  return { service: use.service, folder, files, holders: [...use.holders] };
}

/** The one place where a value becomes text: it is asked for as a variable, which stays readable anyway. */
export function carriedValues(uses: readonly ServiceSecrets[], values: Values): Record<string, string> {
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
