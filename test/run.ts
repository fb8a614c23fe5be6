// `npm test`: sets up what tests need, then types, style, and every test against real parts. `npm test -- chaos` runs the
// long ones; other arguments choose test files by their path.
import { spawn } from 'node:child_process';
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

/** @param says takes the output, which appears at once without it */
function step(name: string, file: string, args: readonly string[], says?: (text: string) => void): Promise<boolean> {
  const say = says ?? ((text: string) => void process.stdout.write(text));
  say(`\n== ${name}\n`);
  const output = says === undefined ? 'inherit' : 'pipe';
  const child = spawn(file, args, { stdio: ['ignore', output, output] });
  child.stdout?.setEncoding('utf8').on('data', say);
  child.stderr?.setEncoding('utf8').on('data', say);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(`${file} can't be started: ${error.message}\n`);
      resolve(false);
    });
    child.once('close', (status) => resolve(status === 0));
  });
}

async function test({ name, files, options }: Group, says?: (text: string) => void): Promise<boolean> {
  const counted = join(folder, name);
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./test/run/counting-reporter.ts',
    `--test-reporter-destination=${counted}`,
  ];
  const args = ['--disable-warning=ExperimentalWarning', '--test', ...reporters, ...options, ...files];
  const passed = await step(name, process.execPath, args, says);
  const total = existsSync(counted) ? parseCounts(readFileSync(counted, 'utf8')) : null;
  counts.push(total);
  return passed && total !== null;
}

/** What runs beside the first lane is shown when it has ended. */
async function lane(groups: readonly Group[], isFirst: boolean): Promise<boolean[]> {
  const kept: string[] = [];
  const says = isFirst ? undefined : (text: string) => void kept.push(text);
  const outcomes: boolean[] = [];
  for (const group of groups) outcomes.push(await test(group, says));
  process.stdout.write(kept.join(''));
  return outcomes;
}

async function stage(groups: readonly Group[]): Promise<boolean[]> {
  const lanes = [...Map.groupBy(groups, (group) => group.lane)].toSorted(([a], [b]) => a - b);
  return (await Promise.all(lanes.map(([, own], index) => lane(own, index === 0)))).flat();
}

const words = process.argv.slice(2);
const groups = selection(globSync('test/**/*.test.ts'), words);
if (groups.length === 0) {
  console.error(`No test file has ${words.join(' or ')} in its path.`);
  process.exit(1);
}
if (groups.some(({ needsParts }) => needsParts)) await ensureParts();
const checks =
  words.length > 0
    ? []
    : [await step('types', 'tsc', ['--noEmit', '-p', '.']), await step('style', 'biome', ['check', '.'])];
const outcomes = [...checks];
for (const [, own] of [...Map.groupBy(groups, (group) => group.stage)].toSorted(([a], [b]) => a - b)) {
  outcomes.push(...(await stage(own)));
}
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
