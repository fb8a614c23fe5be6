// The files of a reader: its credential, which holds the seed, and the certificate it trusts. Their places are taken before
// the core is asked, so that no reader is made whose credential has nowhere to go.
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { newUserNkey, type UserNkey, userNkey } from '#infra/nats/creds-file.ts';
import { EXIT, Failure } from './failure.ts';

export interface ReaderFiles {
  readonly creds: string;
  readonly ca: string;
  /** Of one that may have been made, until its credential is there. */
  readonly seed: string;
}

/** `billing.creds` -> `billing-ca.pem` beside it. */
export function readerFiles(creds: string): ReaderFiles {
  return { creds, ca: `${creds.replace(/\.creds$/, '')}-ca.pem`, seed: `${creds}.seed` };
}

/** @throws Failure when one is there already, or can't be made */
export function takePlaces({ creds, ca }: ReaderFiles): void {
  const taken: string[] = [];
  for (const file of [creds, ca]) {
    try {
      closeSync(openSync(file, 'wx', 0o600));
      taken.push(file);
    } catch (error) {
      leavePlaces(taken);
      const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
      const why = isThere ? 'is there already' : `can't be written: ${error instanceof Error ? error.message : error}`;
      throw new Failure(EXIT.usage, `${file} ${why}`, 'Give another place: --out FILE');
    }
  }
}

/**
 * Of a try before whose answer never came, or a new one: kept before the core is asked, which knows a reader by name and key
 * and gives the same one the same credential. @throws Failure when the file holds something else
 */
export function keptKey({ creds, ca, seed: file }: ReaderFiles): UserNkey {
  try {
    if (existsSync(file)) return userNkey(readFileSync(file, 'utf8').trim());
    const made = newUserNkey();
    writeFileSync(file, `${made.seed}\n`, { mode: 0o600, flag: 'wx', flush: true });
    return made;
  } catch {
    leavePlaces([creds, ca]);
    throw new Failure(EXIT.usage, `${file} can't be used as the key of a reader`, 'Remove it, or give another place.');
  }
}

export function leavePlaces(files: readonly string[]): void {
  for (const file of files) rmSync(file, { force: true });
}

export function fillPlaces({ creds, ca }: ReaderFiles, text: { readonly creds: string; readonly ca: string }): void {
  writeFileSync(creds, text.creds, { mode: 0o600, flush: true });
  writeFileSync(ca, text.ca, { mode: 0o600, flush: true });
}
