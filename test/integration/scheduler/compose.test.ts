// Docker Compose itself judges a stack before it is stored. No engine is needed for that.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { dotenv } from '#infra/compose/dotenv.ts';
import { writeStackFiles } from '#infra/compose/files.ts';
import type { ComposeProgram } from '#infra/compose/program.ts';
import { run } from '#infra/process.ts';
import { composeCheck } from '#services/scheduler/compose/check.ts';
import { findCompose } from '#services/scheduler/compose/find.ts';
import { documentSigner } from '#services/scheduler/signer.ts';
import { type Content, specificationOf } from '#services/scheduler/specification.ts';
import { OverseerError } from '#subjects/errors.ts';

let command: ComposeProgram;
let folder: string;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ovs-compose-test-'));
  // What is left behind is looked for here; other tests have folders of their own.
  process.env['TMPDIR'] = folder;
  const found = await findCompose();
  assert.ok(found, 'docker compose must be installed');
  command = found;
});
after(() => rmSync(folder, { recursive: true, force: true }));

function contentOf(compose: string, more: Partial<Content> = {}): Content {
  return { ...specificationOf({ compose, targets: { selector: {} } }).content, ...more };
}

async function refusal(content: Content): Promise<string> {
  try {
    await composeCheck(async () => command).check('web', content);
  } catch (error) {
    assert.ok(error instanceof OverseerError);
    assert.equal(error.code, 'compose-refused');
    return error.message;
  }
  return '';
}

describe('docker compose config', () => {
  const CASES: readonly [name: string, compose: string, text: RegExp | null, more?: Partial<Content>][] = [
    ['a valid file', 'services:\n  a:\n    image: x\n', null],
    ['an unknown key', 'services:\n  a:\n    imagee: x\n', /imagee/],
    ['a wrong type', 'services:\n  a:\n    image: x\n    ports: 7\n', /ports/],
    ['a dependency that is not there', 'services:\n  a:\n    image: x\n    depends_on: [b]\n', /b/],
    ['a service without image', 'services:\n  a: {}\n', /image/],
    ['a variable that is missing', `services:\n  a:\n    image: "\${X:?say which}"\n`, /say which/],
    ['the same variable, given', `services:\n  a:\n    image: "\${X:?say which}"\n`, null, { env: { X: 'y' } }],
    ['a file that did not come along', 'include: [more.yaml]\n', /more\.yaml/],
    ['the same file, given', 'include: [more.yaml]\n', null, { files: { 'more.yaml': 'services: {a: {image: x}}' } }],
    ['an env_file that did not come along', 'services:\n  a:\n    image: x\n    env_file: a.env\n', /a\.env/],
  ];
  for (const [name, compose, text, more] of CASES) {
    test(`${text ? 'refuses' : 'takes'} ${name}`, async () => {
      const said = await refusal(contentOf(compose, more));
      if (text === null) return assert.equal(said, '');
      assert.match(said, text);
      assert.doesNotMatch(said, /overseer-compose-/, 'no path of this machine');
    });
  }

  test('nothing is left behind', () => {
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('overseer-compose-')),
      [],
    );
  });

  test('every value of env arrives as it was given', async () => {
    const env = {
      ...{
        PLAIN: 'x',
        SPACES: ' a b ',
        EMPTY: '',
        SINGLE: "it's",
        DOUBLE: 'say "hi"',
        DOLLAR: `a$b\${c}$$`,
        HASH: 'a # b',
      },
      ...{ LINES: 'one\ntwo', CR: 'a\r\nb', BACKSLASH: 'a\\nb\\', ALL: `'"\\$X\n\t#`, EQUALS: 'a=b', UNICODE: 'ä€' },
    };
    const names = Object.keys(env);
    await writeStackFiles(folder, { 'deep/file.txt': 'text' }, env);
    assert.equal(statSync(join(folder, '.env')).mode & 0o777, 0o600);
    assert.equal(readFileSync(join(folder, 'deep/file.txt'), 'utf8'), 'text');
    const compose = `services:\n  a:\n    image: x\n    environment:\n${names.map((name) => `      ${name}: "\${${name}}"`).join('\n')}\n`;
    const [file, ...first] = command;
    const args = [...first, '-p', 'x', '--project-directory', folder, '-f', '-', 'config', '--format', 'json'];
    const shown = await run(file, args, { input: compose });
    assert.equal(shown.exitCode, 0, shown.stderr);
    const model = JSON.parse(shown.stdout) as { services: { a: { environment: Record<string, string> } } };
    for (const [name, value] of Object.entries(env)) {
      // `config` doubles dollar signs, so that its output can be read again.
      assert.equal(model.services.a.environment[name]?.replaceAll('$$', '$'), value, `${name}: ${dotenv(env)}`);
    }
  });

  test('a path that leaves the folder is not written', async () => {
    await assert.rejects(
      writeStackFiles(folder, { '../escaped.txt': 'x' }, {}),
      (error) => error instanceof OverseerError && error.code === 'path-outside',
    );
    assert.equal(existsSync(join(folder, '..', 'escaped.txt')), false);
  });
});

test("the signer's key is made once, for the owner alone, with its public part beside it", () => {
  const data = join(folder, 'data');
  const first = documentSigner(data);
  const again = documentSigner(data);
  assert.ok(first.equals(again));
  for (const name of ['document-signer.pem', 'document-signer.pub']) {
    assert.equal(statSync(join(data, 'keys', name)).mode & 0o777, 0o600);
  }
  assert.match(readFileSync(join(data, 'keys/document-signer.pub'), 'utf8'), /^[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(readdirSync(join(data, 'keys')).sort(), ['document-signer.pem', 'document-signer.pub']);
});
