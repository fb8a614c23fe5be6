// Secrets that are looked for: values no program writes by chance, each in eight ways of writing, and grep as the one that
// searches, since it reads binary files and gigabytes.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

export interface Canary {
  readonly name: string;
  readonly value: string;
}

export type CanaryKind = 'short' | 'lines' | 'long';

/**
 * Holds characters that JSON, URLs and the two kinds of base64 write otherwise, so that all forms differ, and a plain end
 * that is found in whatever was made of the whole by several of them.
 */
export function canary(name: string, kind: CanaryKind = 'short'): Canary {
  const head = `cn"${randomBytes(4).toString('hex')}/+é????>>>>&`;
  if (kind === 'long') return { name, value: `${head}${randomBytes(16 * 1024).toString('hex')}` };
  if (kind === 'short') return { name, value: `${head}${randomBytes(15).toString('hex')}` };
  const lines = Array.from({ length: 20 }, () => randomBytes(24).toString('hex'));
  return { name, value: `${head}${randomBytes(15).toString('hex')}\n${lines.join('\n')}\n` };
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

/** Raw, base64 and base64url at three alignments, hex small and large, URL and JSON. */
export function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const within = [0, 1, 2].map((offset) => base64Within(bytes, offset));
  const hex = bytes.toString('hex');
  return [
    value,
    ...within,
    ...within.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ];
}

/** Of a long value each part is looked for by itself: it may be cut anywhere. None shorter says anything. */
const PART = 48;
const LEAST_PART = 16;

function partsOf(value: string): string[] {
  const lines = value.split('\n').filter((line) => line.length >= LEAST_PART);
  const parts = lines.flatMap((line) =>
    line.length <= 2 * PART ? [line] : (line.match(new RegExp(`.{${LEAST_PART},${PART}}`, 'g')) ?? []),
  );
  return parts.flatMap((part) => {
    const at = part.indexOf('&');
    return at < 0 ? [part] : [part, part.slice(at + 1)].filter(({ length }) => length >= LEAST_PART);
  });
}

/** Shorter than any form: by this many characters in a row a form is known. */
const KEY = 12;

export interface Watch {
  /** What was found, and how many processes were looked into. */
  stop(): { found: string[]; looked: number };
}

export interface Scanner {
  /** Files below the folders that hold any form of any canary: `path: form`. Folders of these names are left out. */
  files(folders: readonly string[], except?: readonly string[]): string[];
  /** The same in a text. */
  text(text: string): string[];
  /** In many, by their beginnings: for what would take too long one by one. */
  texts(texts: readonly string[]): string[];
  /** Arguments and environments of every process but those given. */
  processes(except: ReadonlySet<number>): string[];
  /** Of every process that there is, or comes to be, until it is stopped. */
  watch(except: ReadonlySet<number>): Watch;
}

/** @param folder for the list of what is looked for; it must lie outside of what is searched */
export function scanner(canaries: readonly Canary[], folder: string): Scanner {
  const forms = [...new Set(canaries.flatMap(({ value }) => partsOf(value)).flatMap(formsOf))];
  const list = `${folder}/forms`;
  writeFileSync(list, `${forms.join('\n')}\n`, { mode: 0o600 });
  const byKey = Map.groupBy(forms, (form) => form.slice(0, KEY));

  function text(content: string): string[] {
    const found = new Set<string>();
    for (let at = 0; at + KEY <= content.length; at++) {
      for (const form of byKey.get(content.slice(at, at + KEY)) ?? [])
        if (content.startsWith(form, at)) found.add(form);
    }
    return [...found];
  }

  function look(except: ReadonlySet<number>, isKnown: (pid: string, command: string) => boolean): string[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !except.has(Number(name)));
    return pids.flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`);
      if (isKnown(pid, command)) return [];
      const environment = read(`/proc/${pid}/environ`);
      return [
        ...(text(command).length > 0 ? [`/proc/${pid}/cmdline`] : []),
        ...(text(environment).length > 0 ? [`/proc/${pid}/environ`] : []),
      ];
    });
  }

  function files(folders: readonly string[], except: readonly string[] = []): string[] {
    const leftOut = except.map((name) => `--exclude-dir=${name}`);
    const args = ['-raoFH', '-m', '5', '--devices=skip', ...leftOut, '-f', list, ...folders];
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
  }

  return {
    text,
    files,
    texts(texts) {
      const written = mkdtempSync(`${folder}/texts-`);
      // Each in a file of its own: its name tells which.
      for (const [at, each] of texts.entries()) writeFileSync(`${written}/${at}`, each, 'latin1');
      const found = new Set(files([written]).map((line) => Number(/\/(\d+):/.exec(line)?.[1])));
      rmSync(written, { recursive: true });
      return [...found].map((at) => texts[at]?.slice(0, 60) ?? '');
    },
    processes: (except) => look(except, () => false),
    watch(except) {
      const found = new Set<string>();
      const known = new Map<string, string>();
      let looked = 0;
      // What a process was started with stays; another program in it has other arguments.
      const isKnown = (pid: string, command: string) => {
        if (known.get(pid) === command) return true;
        known.set(pid, command);
        looked += 1;
        return false;
      };
      const timer = setInterval(() => {
        for (const place of look(except, isKnown)) found.add(place.replace(/\d+/, 'N'));
      }, 10);
      return {
        stop() {
          clearInterval(timer);
          return { found: [...found], looked };
        },
      };
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
