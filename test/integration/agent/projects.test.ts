// Compose projects that somebody else made: found, read, refused with the obstacle, and taken over without a container
// being made anew.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { openEngine } from '#agent/docker.ts';
import { answerProjects } from '#agent/projects/answer.ts';
import { newId } from '#infra/ids.ts';
import type { ProjectContent } from '#subjects/schema/project.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { type Reconciler, startReconciler, wanted } from './reconciler.ts';

let machine: Machine;
let agent: Reconciler;
let root: string;

const FILES = {
  'docker-compose.yml': `include:
  - more/compose.yaml
services:
  web:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "\${SECONDS_ASLEEP}"]
    env_file: [web.env]
    volumes: ["./html:/html", "data:/data"]
    configs: [site]
  debug:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
    profiles: [debug, all]
  never:
    image: ${TEST_IMAGE}
    profiles: [all]
configs:
  site: {file: ./site.conf}
volumes:
  data: {}
`,
  '.env': "# by hand\nSECONDS_ASLEEP=100000\nQUOTED='a b'\n",
  'web.env': 'A=1\nB="two words"\n',
  'site.conf': 'listen 80;\n',
  'html/index.html': 'not named by the text',
  'more/compose.yaml': `services:\n  inc:\n    image: ${TEST_IMAGE}\n    init: true\n    command: ["sleep", "\${INNER:-1000}"]\n    extends: {file: base.yaml, service: base}\n`,
  'more/base.yaml': 'services:\n  base:\n    labels: {from: "base"}\n',
  'more/.env': 'INNER=2000\n',
};

function write(name: string, files: Record<string, string>): string {
  const directory = `${root}/${name}`;
  for (const [path, text] of Object.entries(files)) {
    const file = `${directory}/${path}`;
    mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
    writeFileSync(file, text);
  }
  return directory;
}

function compose(directory: string, ...args: string[]): void {
  const env = { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost, HOME: process.env['HOME'] };
  execFileSync('docker', ['compose', ...args], { env, cwd: directory, stdio: 'pipe' });
}

const ask = (project: string | null, managed: string[] = []) =>
  answerProjects(project, { engine: openEngine(machine.dockerHost), isManaged: (name) => managed.includes(name) });

async function obstacleOf(name: string): Promise<string | null | undefined> {
  const { projects, content } = await ask(name);
  assert.equal(content === null, projects[0]?.obstacle !== null);
  return projects[0]?.obstacle;
}

function adopted({ name, ...content }: ProjectContent) {
  const { compose: text, ...more } = content;
  return wanted(name, text, more);
}

const simple = (more = '') =>
  `services:\n  web:\n    image: ${TEST_IMAGE}\n    init: true\n    command: ["sleep", "100000"]\n${more}`;

suite('projects of somebody else', { timeout: 300_000 }, () => {
  before(async () => {
    machine = await startMachine();
  });
  after(() => machine.stop());
  beforeEach(() => {
    root = mkdtempSync('/tmp/ovs-projects-');
    agent = startReconciler(machine.dockerHost);
  });
  afterEach(async () => {
    await agent.stop();
    const names = new Set((await machine.engine.containers()).map(({ stack }) => stack));
    for (const name of names) compose('/', '-p', name, 'down', '-t', '0', '--volumes', '--remove-orphans');
    rmSync(root, { recursive: true, force: true });
  });

  test('one with everything is found, read and taken over as it is', async () => {
    const directory = write('shop', FILES);
    compose(directory, '--profile', 'debug', 'up', '-d', '--scale', 'inc=2');
    const before = await machine.engine.containers();
    const listed = await ask(null);
    assert.equal(listed.content, null);
    assert.deepEqual(
      listed.projects.map(({ name, place, obstacle }) => ({ name, place, obstacle })),
      [{ name: 'shop', place: { directory, file: 'docker-compose.yml' }, obstacle: null }],
    );
    assert.deepEqual((await ask(null, ['shop'])).projects, [], 'a managed one is not listed');
    const { content } = await ask('shop');
    assert.ok(content);
    assert.deepEqual(Object.keys(content.files).toSorted(), [
      'more/.env',
      'more/base.yaml',
      'more/compose.yaml',
      'site.conf',
      'web.env',
    ]);
    assert.deepEqual(content.env, { SECONDS_ASLEEP: '100000', QUOTED: 'a b' });
    assert.deepEqual(content.profiles, ['debug']);
    assert.deepEqual(content.scale, { inc: 2 });

    agent.want([adopted(content)]);
    await agent.converged();
    const now = await machine.engine.containers();
    const identity = (list: typeof now) => list.map(({ id, startedAt }) => `${id} ${startedAt}`).toSorted();
    assert.deepEqual(identity(now), identity(before), 'ids and start times as the engine tells them');
    for (const [path, text] of Object.entries(FILES)) assert.equal(readFileSync(`${directory}/${path}`, 'utf8'), text);

    // Under management now: a change is made where it lies.
    const changed = { ...content, env: { ...content.env, SECONDS_ASLEEP: '100001' } };
    agent.want([{ ...adopted(changed), revision: 2 }]);
    await agent.converged();
    const after = await machine.engine.containers();
    assert.deepEqual(
      after.filter(({ id }) => !before.some((one) => one.id === id)).map(({ service }) => service),
      ['web'],
    );
    assert.match(readFileSync(`${directory}/.env`, 'utf8'), /100001/);
    agent.want([], [{ name: 'shop', deployment: newId(), generation: 0, volumes: false }]);
    await agent.converged();
    assert.deepEqual(await machine.engine.containers(), []);
    assert.equal(readFileSync(`${directory}/html/index.html`, 'utf8'), FILES['html/index.html']);
  });

  const obstacles: [string, Record<string, string>, RegExp, string[]?][] = [
    ['a build', { 'compose.yaml': simple('    build: {context: .}\n'), Dockerfile: `FROM ${TEST_IMAGE}\n` }, /built/],
    [
      'an env_file outside',
      { 'compose.yaml': simple('    env_file: [../outside.env]\n'), '../outside.env': 'A=1\n' },
      /leaves the stack/,
    ],
    [
      'an override beside it',
      { 'compose.yaml': simple(), 'compose.override.yaml': 'services: {web: {labels: {a: "1"}}}\n' },
      /several Compose files/,
    ],
    [
      'an override beside it that was not used',
      { 'compose.yaml': simple(), 'compose.override.yaml': 'services: {web: {labels: {a: "1"}}}\n' },
      /merge the two/,
      ['-f', 'compose.yaml'],
    ],
    [
      'a file under a path that is a variable',
      { 'compose.yaml': simple(`    env_file: ["\${F:-a}.env"]\n`), 'a.env': '' },
      /variable/,
    ],
    [
      'a secret that is a plain file',
      {
        'compose.yaml': `${simple('    secrets: [pw]\n')}secrets: {pw: {file: ./pw.txt}}\n`,
        'pw.txt': 'plain-password',
      },
      /its secret pw lies in the file pw\.txt, .*overseer secret set pw < pw\.txt.*external: true/,
    ],
    [
      'a secret that is a plain file, in a file that is included',
      {
        'compose.yaml': `include: [more/inc.yaml]\n${simple()}`,
        'more/inc.yaml': `services: {inc: {image: "${TEST_IMAGE}", command: [sleep, "1000"], secrets: [pw]}}\nsecrets: {pw: {file: pw.txt}}\n`,
        'more/pw.txt': 'plain-password',
      },
      /its secret pw lies in the file more\/pw\.txt/,
    ],
    [
      'values that are made of others',
      { 'compose.yaml': simple(`    labels: {a: "\${B}"}\n`), '.env': `A=1\nB=\${A}2\n` },
      /mean something else/,
    ],
    [
      'values from elsewhere',
      { 'compose.yaml': simple(), 'other.env': 'A=1\n' },
      /values come from/,
      ['--env-file', 'other.env'],
    ],
  ];
  for (const [name, files, expected, first = []] of obstacles) {
    test(`an obstacle: ${name}`, async () => {
      const directory = write('odd', files);
      try {
        compose(directory, ...first, 'up', '-d', '--no-build');
      } catch {
        compose(directory, ...first, 'up', '-d');
      }
      const { projects, content } = await ask('odd');
      assert.match(projects[0]?.obstacle ?? '', expected);
      assert.equal(content, null);
      assert.doesNotMatch(JSON.stringify(projects), /plain-password/);
    });
  }

  test('no file is read through a link, and what is gone or too large is said', async () => {
    const directory = write('odd', {
      'compose.yaml': simple('    env_file: [link.env]\n'),
      '../secret.env': 'S=hidden\n',
    });
    symlinkSync('../secret.env', `${directory}/link.env`);
    compose(directory, 'up', '-d');
    const { projects, content } = await ask('odd');
    assert.match(projects[0]?.obstacle ?? '', /link/);
    assert.equal(content, null);
    rmSync(`${directory}/link.env`);
    mkdirSync(`${root}/behind`);
    writeFileSync(`${root}/behind/a.env`, 'S=hidden\n');
    symlinkSync('../behind', `${directory}/folder`);
    writeFileSync(`${directory}/compose.yaml`, simple('    env_file: [folder/a.env]\n'));
    assert.match((await obstacleOf('odd')) ?? '', /link/);
    writeFileSync(`${directory}/compose.yaml`, simple('    env_file: [big.env]\n'));
    writeFileSync(`${directory}/big.env`, `A=${'x'.repeat(700 * 1024)}\n`);
    assert.match((await obstacleOf('odd')) ?? '', /too large/);
    writeFileSync(`${directory}/compose.yaml`, 'services: [');
    assert.match((await obstacleOf('odd')) ?? '', /compose.yaml/);
    rmSync(`${directory}/compose.yaml`);
    assert.match((await obstacleOf('odd')) ?? '', /there is no compose.yaml/);
    rmSync(directory, { recursive: true });
    assert.match((await obstacleOf('odd')) ?? '', /can't be read/);
  });
});
