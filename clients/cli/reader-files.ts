// The files of a reader: its credential, which holds the seed, and the certificate it trusts. Their places are taken before
// the core is asked, so that no reader is made whose credential has nowhere to go.
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { EXIT, Failure } from './failure.ts';

export interface ReaderFiles {
  readonly creds: string;
  readonly ca: string;
}

/** `billing.creds` -> `billing-ca.pem` beside it. */
export function readerFiles(creds: string): ReaderFiles {
  return { creds, ca: `${creds.replace(/\.creds$/, '')}-ca.pem` };
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

export function leavePlaces(files: readonly string[]): void {
  for (const file of files) rmSync(file, { force: true });
}

export function fillPlaces({ creds, ca }: ReaderFiles, text: { readonly creds: string; readonly ca: string }): void {
  writeFileSync(creds, text.creds, { mode: 0o600, flush: true });
  writeFileSync(ca, text.ca, { mode: 0o600, flush: true });
}
