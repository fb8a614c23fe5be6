// `npm test`: sets up what tests need, then types, style, and every test against real parts. `npm test -- chaos` runs the
// long ones; further arguments are test files or folders.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { ensureParts } from './run/parts.ts';

/** Pure tests share a process; what uses ports, signals or engines has one of its own. */
interface Group {
  readonly name: string;
  readonly files: readonly string[];
  readonly options: readonly string[];
}

const found = (folder: string) => globSync(`${folder}/**/*.test.ts`).sort();

function groups(chosen: readonly string[]): Group[] {
  if (chosen[0] === 'chaos') return [{ name: 'chaos', files: found('test/chaos'), options: ['--test-concurrency=1'] }];
  const wanted = chosen.flatMap((path) => (statSync(path).isDirectory() ? found(path) : [path]));
  const only = (files: string[]) => (chosen.length === 0 ? files : files.filter((file) => wanted.includes(file)));
  return [
    { name: 'unit', files: only(found('test/unit')), options: ['--test-concurrency=2'] },
    { name: 'integration', files: only(found('test/integration')), options: ['--test-concurrency=2'] },
    // Whole systems with engines of their own: one at a time, or two cores time each other out.
    { name: 'end to end', files: only(found('test/e2e')), options: ['--test-concurrency=1'] },
  ].filter((group) => group.files.length > 0);
}

function step(name: string, file: string, args: readonly string[]): boolean {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0;
}

const chosen = process.argv.slice(2);
await ensureParts();
const node = ['--disable-warning=ExperimentalWarning', '--test', '--test-reporter=spec'];
const outcomes = [
  ...(chosen.length > 0 ? [] : [step('types', 'tsc', ['--noEmit', '-p', '.']), step('style', 'biome', ['check', '.'])]),
  ...groups(chosen).map(({ name, files, options }) => step(name, process.execPath, [...node, ...options, ...files])),
];
process.exitCode = outcomes.every((passed) => passed) ? 0 : 1;
