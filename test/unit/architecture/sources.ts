// Source files of the project and what each imports, for the tests that hold the house rules.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  /** Import specifiers, relative ones resolved to a path from the root. */
  readonly imports: readonly string[];
}

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('#')) return specifier.slice(1);
  if (!specifier.startsWith('.')) return specifier;
  const base = new URL(specifier, `file:///${from}`).pathname.slice(1);
  return base;
}

function source(path: string): Source {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(IMPORT)].map((match) => resolve(path, match[1] as string));
  return { path, text, lines: text.split('\n').length - 1, imports };
}

/** Tracked and new files, none that git ignores, and none that was taken away since the last commit. */
export function files(): string[] {
  return execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '' && existsSync(path));
}

export function sources(): Source[] {
  return files()
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('/generated/'))
    .map(source);
}
