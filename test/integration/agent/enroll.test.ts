// The agent's command line: enrollment against a gateway of the test's own, one agent a folder, a clean end.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { newId } from '#infra/ids.ts';
import { verifyingKey } from '#infra/nats/credentials.ts';
import { isSignedBy, newSigningKey, rawPublicKey } from '#infra/signing/ed25519.ts';
import { Registration } from '#subjects/schema/node.ts';
import { startTestBus, type TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';

let bus: TestBus;
let gateway: Server;
let url: string;
let data: string;
const children: ChildProcess[] = [];
const posted: Registration[] = [];
/** Answers the next registration instead of success. */
let fault: { status: number; body: object } | 'cut' | null = null;
const nodes = new Map<string, string>();

function answer(registration: Registration): object {
  const known = nodes.get(registration.publicKey) ?? newId();
  nodes.set(registration.publicKey, known);
  const jwt = bus.mint('node', known).jwt();
  return {
    node: { id: known, name: 'here', labels: {} },
    credential: { jwt, expiresAt: new Date(Date.now() + 3600_000).toISOString() },
    documentSigner: rawPublicKey(newSigningKey()).toString('base64url'),
    nats: { servers: bus.servers, ca: bus.ca },
  };
}

function token(
  ca = createHash('sha256').update(new X509Certificate(bus.ca).raw).digest('hex'),
  lifeSeconds = 60,
): string {
  const content = { v: 1, id: newId(), url, ca, exp: Math.floor(Date.now() / 1000) + lifeSeconds, secret: newId() };
  return `ovs_enr_${Buffer.from(JSON.stringify(content)).toString('base64url')}.${'s'.repeat(86)}`;
}

async function agent(args: string[], more: { input?: string; env?: object } = {}) {
  const env = { PATH: process.env['PATH'], HOME: data, LOG_LEVEL: 'info', DOCKER_HOST: 'unix:///nowhere', ...more.env };
  const child = spawn(process.execPath, ['agent/main.ts', ...args, '--data', `${data}/agent`], { env });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  child.stdin.end(more.input ?? '');
  return { child, output: () => output };
}

async function ended(args: string[], more: { input?: string; env?: object } = {}) {
  const { child, output } = await agent(args, more);
  await until(() => child.exitCode !== null || child.signalCode !== null, 20_000, 'the command to end');
  return { exitCode: child.exitCode, output: output() };
}

suite('the command line of the agent', { timeout: 180_000 }, () => {
  before(async () => {
    bus = await startTestBus();
    gateway = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => (text += chunk));
      request.on('end', () => {
        if (request.url !== '/api/nodes/register')
          return response.writeHead(request.method === 'GET' ? 200 : 503).end();
        posted.push(Registration.parse(JSON.parse(text)));
        if (fault === 'cut') return request.socket.destroy();
        const said = fault ?? { status: 201, body: answer(posted.at(-1) as Registration) };
        response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify(said.body));
      });
    });
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  });
  after(async () => {
    gateway.close();
    await bus.stop();
  });
  beforeEach(() => {
    data = mkdtempSync('/tmp/ovs-cli-');
    fault = null;
    posted.length = 0;
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });

  test('enrolls with keys of its own, proves that it has them, and keeps them to itself', async () => {
    const own = token();
    const { exitCode, output } = await ended(['enroll', '--url', url, '--token', own]);
    assert.equal(exitCode, 0, output);
    const [registration] = posted;
    assert.ok(registration);
    const proof = Buffer.from(registration.proof, 'base64url');
    assert.ok(isSignedBy('enrollment', Buffer.from(own), proof, verifyingKey(registration.publicKey)));
    assert.ok(
      !isSignedBy('enrollment', Buffer.from(`${own}x`), proof, verifyingKey(registration.publicKey)),
      'control',
    );
    const identity = readFileSync(`${data}/agent/identity.json`, 'utf8');
    const { nkeySeed, ageIdentity } = JSON.parse(identity);
    assert.ok(!JSON.stringify(posted).includes(nkeySeed) && !JSON.stringify(posted).includes(ageIdentity));
    for (const file of ['identity.json', 'node.json'])
      assert.equal(statSync(`${data}/agent/${file}`).mode & 0o777, 0o600);
    const again = await ended(['enroll', '--url', url, '--token', token()]);
    assert.equal(again.exitCode, 1);
    assert.match(again.output, /enrolled already, as node here/);
    assert.equal(posted.length, 1);
    assert.equal(readFileSync(`${data}/agent/identity.json`, 'utf8'), identity);
  });

  test('the token is also taken from standard input, from the environment, and its own address serves', async () => {
    assert.equal((await ended(['enroll', '--token-stdin'], { input: `${token()}\n` })).exitCode, 0);
    rmSync(`${data}/agent`, { recursive: true });
    assert.equal((await ended(['enroll'], { env: { OVERSEER_TOKEN: token() } })).exitCode, 0);
    assert.equal((await ended(['enroll'])).exitCode, 2);
  });

  test('an interrupted or refused enrollment keeps the identity, and its repetition is the same node', async () => {
    const same = ['enroll', '--token', token()];
    fault = 'cut';
    assert.equal((await ended(same)).exitCode, 1);
    const identity = readFileSync(`${data}/agent/identity.json`, 'utf8');
    fault = { status: 401, body: { code: 'token-used', detail: 'it was used' } };
    const refused = await ended(same);
    assert.match(refused.output, /it was used \(token-used\)/);
    fault = null;
    assert.equal((await ended(same)).exitCode, 0);
    assert.equal(readFileSync(`${data}/agent/identity.json`, 'utf8'), identity);
    assert.equal(new Set(posted.map(({ publicKey }) => publicKey)).size, 1);
  });

  test('an authority that is not the one of the token is not trusted', async () => {
    const { exitCode, output } = await ended(['enroll', '--url', url, '--token', token('a'.repeat(64))]);
    assert.equal(exitCode, 1);
    assert.match(output, /not the one the token names/);
    assert.ok(!existsSync(`${data}/agent/node.json`));
  });

  test('a damaged identity is left as it is', async () => {
    await ended(['enroll', '--token', token('a'.repeat(64))]);
    writeFileSync(`${data}/agent/identity.json`, 'rubbish');
    const { exitCode, output } = await ended(['enroll', '--token', token()]);
    assert.equal(exitCode, 1);
    assert.match(output, /holds no identity/);
    assert.equal(readFileSync(`${data}/agent/identity.json`, 'utf8'), 'rubbish');
  });

  test('expired tokens and rubbish are refused before anybody is asked', async () => {
    assert.match((await ended(['enroll', '--token', token(undefined, -3600)])).output, /token-expired/);
    assert.match((await ended(['enroll', '--token', 'rubbish'])).output, /token-unknown/);
    assert.equal(posted.length, 0);
  });

  test('one agent a folder; it ends cleanly when told, and doctor tells what is wrong', async () => {
    assert.match((await ended(['run'])).output, /not enrolled/);
    await ended(['enroll', '--token', token()]);
    const first = await agent(['run']);
    await until(() => first.output().includes('agent started'), 20_000, 'the agent');
    assert.equal(readFileSync(`${data}/agent/agent.pid`, 'utf8').trim(), String(first.child.pid));
    const second = await ended(['run']);
    assert.equal(second.exitCode, 1);
    assert.match(second.output, /another agent runs/);
    const doctor = await ended(['doctor', '-o', 'json']);
    const findings = JSON.parse(doctor.output) as { check: string; ok: boolean; advice: string | null }[];
    assert.deepEqual(
      findings.filter(({ ok }) => !ok).map(({ check }) => check),
      ['nats', 'docker'],
      'its key is not the one of the credential that this gateway gave, and there is no engine',
    );
    first.child.kill('SIGTERM');
    await until(() => first.child.exitCode !== null, 20_000, 'its end');
    assert.equal(first.child.exitCode, 0);
    const third = await agent(['run']);
    await until(() => third.output().includes('agent started'), 20_000, 'the next agent');
  });
});
