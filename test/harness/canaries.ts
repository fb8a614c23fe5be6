// Secrets that are looked for: values no program writes by chance, each in eight forms, and grep as the one that searches,
// since it reads binary files and gigabytes.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface Canary {
  readonly name: string;
  readonly value: string;
}

/**
 * Holds characters that JSON and URLs write otherwise, so that those forms differ from the bare one, and a plain end that
 * is found in whatever was made of the whole by several of them.
 */
export function canary(name: string): Canary {
  return { name, value: `cn"${randomBytes(4).toString('hex')}/+é&${randomBytes(15).toString('hex')}` };
}

/** Base64 of a text that stands anywhere in another: what its bytes alone decide, for each of the three alignments. */
function base64Within(bytes: Buffer, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const first = Math.ceil((offset * 8) / 6);
  const certain = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(first, certain);
}

/** Raw, base64 at three alignments, base64url, hex, URL and JSON. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  return [
    value,
    ...[0, 1, 2].map((offset) => base64Within(bytes, offset)),
    bytes.toString('base64url').slice(0, -2),
    bytes.toString('hex'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ];
}

export interface Scanner {
  /** Files below the folders that hold any form of any canary: `path: form`. */
  files(...folders: string[]): string[];
  /** The same in a text. */
  text(text: string): string[];
  /** Arguments and environments of every process but those given. */
  processes(except: ReadonlySet<number>): string[];
}

/** @param folder for the list of what is looked for; it must lie outside of what is searched */
export function scanner(canaries: readonly Canary[], folder: string): Scanner {
  const forms = canaries.flatMap(({ value }) => [...formsOf(value), ...formsOf(value.slice(value.indexOf('&') + 1))]);
  const list = `${folder}/forms`;
  writeFileSync(list, `${[...new Set(forms)].join('\n')}\n`, { mode: 0o600 });
  const known = new Set(forms);
  const text = (content: string) => forms.filter((form) => content.includes(form));
  return {
    text,
    files(...folders) {
      const args = ['-raoFH', '-m', '5', '--devices=skip', '-f', list, ...folders];
      try {
        const found = execFileSync('grep', args, {
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], LC_ALL: 'C' },
          maxBuffer: 256 * 1024 * 1024,
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        return found.split('\n').filter((line) => line !== '');
      } catch (error) {
        // 1: nothing found; 2: a file went away or is a socket, and what was found stands in the output.
        const { status, stdout } = error as { status: number; stdout: string };
        if (status === 1) return [];
        if (status === 2) return stdout.split('\n').filter((line) => line !== '');
        throw error;
      }
    },
    processes(except) {
      const found: string[] = [];
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !except.has(Number(name)))) {
        for (const file of ['cmdline', 'environ']) {
          try {
            const content = readFileSync(`/proc/${pid}/${file}`, 'utf8');
            if (text(content).some((form) => known.has(form))) found.push(`/proc/${pid}/${file}`);
          } catch {
            // It ended meanwhile.
          }
        }
      }
      return found;
    },
  };
}
