// `npm test`: sets up what tests need, then types, style, and every test against real parts. `npm test -- chaos` runs the
// long ones; other arguments choose test files by their path.
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureParts } from './run/parts.ts';
import { type Failed, secondLook } from './run/second-look.ts';
import { type Group, selection } from './run/selection.ts';
import { closingLines, type Outcome, parseOutcome } from './run/totals.ts';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const begun = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'overseer-test-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outcomes: (Outcome | null)[] = [];
const failed: Failed[] = [];

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

function argumentsOf({ files, options }: Group, counted?: string): string[] {
  const spec = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  const counting = ['--test-reporter=./test/run/counting-reporter.ts', `--test-reporter-destination=${counted}`];
  const reporters = counted === undefined ? spec : [...spec, ...counting];
  return ['--disable-warning=ExperimentalWarning', '--test', ...reporters, ...options, ...files];
}

/** @returns false where even a second look could tell nothing: it ended without saying what failed */
async function test(group: Group, says?: (text: string) => void): Promise<boolean> {
  const { name } = group;
  const counted = join(folder, String(outcomes.length));
  const at = outcomes.push(null) - 1;
  const passed = await step(name, process.execPath, argumentsOf(group, counted), says);
  const outcome = existsSync(counted) ? parseOutcome(readFileSync(counted, 'utf8')) : null;
  outcomes[at] = outcome;
  if (outcome === null) return false;
  failed.push({ group, files: outcome.failedFiles });
  return passed || outcome.failedFiles.length > 0;
}

/** What runs beside the first lane is shown when it has ended. */
async function lane(groups: readonly Group[], isFirst: boolean): Promise<boolean[]> {
  const kept: string[] = [];
  const says = isFirst ? undefined : (text: string) => void kept.push(text);
  const ended: boolean[] = [];
  for (const group of groups) ended.push(await test(group, says));
  process.stdout.write(kept.join(''));
  return ended;
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
const ended = [...checks];
for (const [, own] of [...Map.groupBy(groups, (group) => group.stage)].toSorted(([a], [b]) => a - b)) {
  ended.push(...(await stage(own)));
}
const faults = failed.filter(({ files }) => files.length > 0);
const again = secondLook(faults);
const unsteady: string[] = [];
for (const group of again) {
  if (await step(group.name, process.execPath, argumentsOf(group))) unsteady.push(...group.files);
}
const isMended = faults.every(({ files }) => files.every((file) => unsteady.includes(file)));
if (groups.length > 1) {
  const counts = outcomes.flatMap((outcome) => outcome?.counts ?? []);
  console.log(`\n== all\n${closingLines(counts, performance.now() - begun)}`);
}
for (const file of unsteady)
  console.log(`UNSTEADY: ${file} failed beside others and passed alone; it has to be mended.`);
if (outcomes.includes(null)) console.error('A group of tests ended before it was done.');
if (checks.includes(false)) console.error('Types or style have faults, see above.');
process.exitCode = isMended && ended.every((isGood) => isGood) ? 0 : 1;
