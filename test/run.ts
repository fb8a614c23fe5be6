// `npm test`: sets up what tests need, then types, style, and every test against real parts. `npm test -- chaos` runs the
// long ones; other arguments choose test files by their path.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureParts } from './run/parts.ts';
import { type Group, selection } from './run/selection.ts';
import { type Counts, closingLines, parseCounts } from './run/totals.ts';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const begun = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'overseer-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const counts: (Counts | null)[] = [];

function step(name: string, file: string, args: readonly string[]): boolean {
  console.log(`\n== ${name}`);
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(`${file} can't be started: ${error.message}`);
  return status === 0;
}

function test({ name, files, options }: Group): boolean {
  const counted = join(folder, name);
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./test/run/counting-reporter.ts',
    `--test-reporter-destination=${counted}`,
  ];
  const args = ['--disable-warning=ExperimentalWarning', '--test', ...reporters, ...options, ...files];
  const passed = step(name, process.execPath, args);
  const total = existsSync(counted) ? parseCounts(readFileSync(counted, 'utf8')) : null;
  counts.push(total);
  return passed && total !== null;
}

const words = process.argv.slice(2);
const groups = selection(globSync('test/**/*.test.ts'), words);
if (groups.length === 0) {
  console.error(`No test file has ${words.join(' or ')} in its path.`);
  process.exit(1);
}
if (groups.some(({ needsParts }) => needsParts)) await ensureParts();
const checks =
  words.length > 0 ? [] : [step('types', 'tsc', ['--noEmit', '-p', '.']), step('style', 'biome', ['check', '.'])];
const outcomes = [...checks, ...groups.map(test)];
const isGood = outcomes.every((passed) => passed);
if (groups.length > 1) {
  console.log(
    `\n== all\n${closingLines(
      counts.filter((each) => each !== null),
      performance.now() - begun,
    )}`,
  );
}
if (counts.includes(null)) console.error('A group of tests ended before it was done.');
if (checks.includes(false)) console.error('Types or style have faults, see above.');
process.exitCode = isGood ? 0 : 1;
