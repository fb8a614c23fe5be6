// What is checked of a stack's text is what Compose really reads, and what it reads beyond that it can't tell.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openCompose } from '#agent/stacks/compose.ts';
import { checkConfinement } from '#infra/compose/confinement.ts';
import { composeProgram } from '#infra/compose/program.ts';
import { TOOL_VARIABLES } from '#infra/compose/variables.ts';
import { composeCheck } from '#services/scheduler/compose/check.ts';
import { specificationOf } from '#services/scheduler/specification.ts';
import { OverseerError } from '#subjects/errors.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovs-confined-'));
  process.env['TMPDIR'] = folder;
});
after(() => rmSync(folder, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

function contentOf(compose: string, files: Files = {}) {
  return specificationOf({ compose, files, targets: { selector: {} } }).content;
}

async function refusal(compose: string, files: Files = {}, program = composeProgram()): Promise<string> {
  const check = composeCheck(async () => program).check('web', contentOf(compose, files));
  const refused = await check.then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(refused instanceof OverseerError, String(refused));
  return refused.message;
}

describe('the file that Compose takes is the one that is looked for', () => {
  const more = 'services:\n  a:\n    extends: {file: base.yaml, service: b}\n';
  const included = 'include: [base.yaml]\nservices: {a: {image: x}}\n';
  const CASES: readonly [name: string, compose: string, files: Files][] = [
    ['beside an included file', 'include: [one/more.yaml]\n', { 'one/more.yaml': more }],
    [
      "in an include's own folder",
      'include: [{path: one/more.yaml, project_directory: one/two}]\n',
      { 'one/more.yaml': more },
    ],
    [
      'beside the first of several',
      'include: [{path: [two/first.yaml, one/more.yaml]}]\n',
      { 'two/first.yaml': 'services: {c: {image: x}}', 'one/more.yaml': more },
    ],
    [
      'for an include of an include',
      'include: [{path: one/more.yaml, project_directory: two}]\n',
      { 'one/more.yaml': included },
    ],
    [
      'beside a file that is extended',
      'services: {a: {extends: {file: one/more.yaml, service: a}}}\n',
      { 'one/more.yaml': more },
    ],
  ];
  const every = ['', 'one/', 'two/', 'one/two/'].map((at) => `${at}base.yaml`);

  for (const [name, compose, files] of CASES) {
    test(name, async () => {
      const marked = every.map((path) => [path, `services: {b: {image: x, environment: {FROM: ${path}}}}`] as const);
      const all = { ...files, ...Object.fromEntries(marked) };
      const model = await composeCheck(async () => composeProgram()).check('web', contentOf(compose, all));
      const { a, b } = (model?.services ?? {}) as Record<string, { environment?: { FROM?: string } } | undefined>;
      const taken = (a?.environment ?? b?.environment)?.FROM as string;
      assert.ok(every.includes(taken));
      checkConfinement(contentOf(compose, { ...files, [taken]: all[taken] as string }));
      const { [taken]: _, ...others } = all;
      assert.throws(() => checkConfinement(contentOf(compose, others)), /base\.yaml" is not among the stack's files/);
    });
  }
});

test('a line that can not be read is not told', async () => {
  const compose = 'services:\n  a:\n    image: x\n    env_file: a.env\n';
  for (const line of [
    'TOKEN "the value',
    'TOKEN="the value',
    `TOKEN='the value`,
    '{"the value": 1}',
    `A=\${the value`,
  ]) {
    const said = await refusal(compose, { 'a.env': `${line}\n` });
    assert.match(said, /failed to read a\.env/);
    assert.doesNotMatch(said, /the value|TOKEN/);
  }
});

test('Compose is nobody in the core: it reads none of our files, whatever a text says', async () => {
  chmodSync(folder, 0o711);
  const [program, secret] = [join(folder, 'program'), join(folder, 'key')];
  writeFileSync(secret, 'the key', { mode: 0o600 });
  writeFileSync(program, `#!/bin/sh\n{ id -u; id -G; cat ${secret}; cat a.txt; } >&2\nexit 1\n`, { mode: 0o755 });
  const said = await refusal('services: {a: {image: x}}', { 'a.txt': 'its own file' }, [program]);
  assert.match(said, /its own file/);
  if (process.getuid?.() !== 0) return assert.match(said, /the key/, 'control: who is not root may not choose');
  assert.match(said, /^65534\n65534\n/);
  assert.doesNotMatch(said, /the key/);
  chmodSync(folder, 0o700);
  assert.match(await refusal('services: {a: {image: x}}', {}, [program]), /the key/, 'control: where nobody gets to');
});

test('a call on a node has no variables but those that no stack may ask for', async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    TZ: 'UTC',
    LANG: 'C',
    HTTP_PROXY: 'http://x',
    DOCKER_CONTEXT: 'x',
    OVERSEER_OTHER: 'x',
  });
  try {
    writeFileSync(join(folder, 'compose.yaml'), 'services: {a: {image: x}}\n');
    const call = { project: 'web', directory: folder, arguments: ['config', '--environment'], timeoutMs: 20_000 };
    const { stdout } = await openCompose('unix:///nowhere.sock').call(call);
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('=')));
    assert.ok(names.includes('DOCKER_HOST'));
    // The last two are Compose's own: the project's name and folder.
    const known: string[] = [...TOOL_VARIABLES, 'COMPOSE_PROJECT_NAME', 'PWD'];
    assert.deepEqual(
      names.filter((name) => !known.includes(name)),
      [],
    );
  } finally {
    process.env = before;
  }
});
