// Secrets as a core would seal them for a node, and the search for what of them is left anywhere.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { DesiredSecret } from '#subjects/schema/secret.ts';

export interface SecretOf {
  readonly recipient: string;
  readonly node: string;
  readonly stack: string;
}

export async function sealedSecret(
  { recipient, node, stack }: SecretOf,
  name: string,
  value: string | Uint8Array,
  more: Partial<DesiredSecret> = {},
): Promise<DesiredSecret> {
  const { Encrypter } = await import('age-encryption');
  const { secret = name, version = 1 } = more;
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const envelope = { v: 1, secret, version, node, stack, value: Buffer.from(value).toString('base64') };
  const file = Buffer.from(await encrypter.encrypt(JSON.stringify(envelope)));
  const digest = createHash('sha256').update(file).digest('hex');
  const plain = { services: null, environment: null, sealed: file.toString('base64'), digest };
  return { name, secret, version, ...plain, ...more };
}

/** A value in the ways in which it may lie somewhere. */
export function encodings(value: string): string[] {
  const inside = [0, 1, 2].map((offset) => {
    const text = Buffer.from('\0'.repeat(offset) + value)
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(offset === 0 ? 0 : offset + 1, -2);
  });
  const hex = Buffer.from(value).toString('hex');
  const forms = [value, ...inside, ...inside.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
  return [
    ...new Set([...forms, hex, hex.toUpperCase(), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]),
  ];
}

/** Files below the folder that hold any of these values. Other file systems below it are not searched. */
export function filesWith(folder: string, values: readonly string[]): string[] {
  const patterns = values.flatMap(encodings).join('\n');
  const devices = ['--devices=skip', '--directories=recurse'];
  try {
    const found = execFileSync('grep', ['-laF', ...devices, '-f', '-', folder], {
      input: patterns,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
    return found.split('\n').filter((line) => line !== '');
  } catch (error) {
    const { status, stdout } = error as { status?: number; stdout?: string };
    // 1: nothing found; 2: a file went away meanwhile.
    if (status === 1 || status === 2) return (stdout ?? '').split('\n').filter((line) => line !== '');
    throw error;
  }
}

/** Looks again and again into arguments and environments of all processes, but those that are allowed to have them. */
export function watchProcesses(values: readonly string[], isLeftOut: (command: string) => boolean) {
  const forms = values.flatMap(encodings);
  const found = new Set<string>();
  let looks = 0;
  function look(): void {
    looks += 1;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid))) {
      const command = read(`/proc/${pid}/cmdline`);
      if (isLeftOut(command)) continue;
      for (const [what, text] of [
        ['arguments', command],
        ['environment', read(`/proc/${pid}/environ`)],
      ] as const) {
        if (forms.some((form) => text.includes(form))) found.add(`${what} of ${command.replaceAll('\0', ' ')}`);
      }
    }
  }
  const timer = setInterval(look, 10);
  return {
    stop(): { found: string[]; looks: number } {
      clearInterval(timer);
      return { found: [...found], looks };
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
