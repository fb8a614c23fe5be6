// Readers by the CLI: the key is made here, its seed goes into one file and nowhere else.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { userKey } from '#infra/nats/credentials.ts';
import { OverseerError } from '#subjects/errors.ts';
import { cliFixture, NAS } from './fixture.ts';

const AT = '2026-11-23T20:00:00.000Z';
const reader = (name: string, publicKey: string, more: object = {}) => ({
  ...{ name, role: 'events', user: `r-${name}`, stream: 'EVENTS', subjects: ['overseer.event.node.*.*'], publicKey },
  ...{ createdAt: AT, createdBy: 'operator:admin', expiresAt: AT, state: 'valid' },
  ...more,
});
const KEY = `U${'A'.repeat(55)}`;

describe('reader', () => {
  const cli = cliFixture();
  beforeEach(() => {
    Object.assign(cli.gateway.bus.answers, {
      createReader: ({ spec }: { spec: { name: string; publicKey: string } }) => ({
        ...reader(spec.name, spec.publicKey),
        jwt: 'header.claims.signature',
      }),
      listReaders: () => ({ items: [reader('billing', KEY), reader('old', KEY, { state: 'expired' })] }),
    });
  });
  const files = () => ['billing.creds', 'billing-ca.pem', 'billing.creds.seed'].map((name) => join(cli.folder, name));
  afterEach(() => {
    for (const file of files()) rmSync(file, { force: true });
  });
  const asked = (name: string) => cli.gateway.bus.asked.filter((one) => one.name === name).map(({ input }) => input);

  test('create makes the key, sends its public part, and writes a credential that only its owner reads', async () => {
    const line = 'reader create billing --role events --node nas --kind node.offline --days 30';
    const { code, out, err } = await cli.run(line);
    assert.equal(code, 0, err);
    const [creds = '', ca = '', kept = ''] = files();
    assert.equal(existsSync(kept), false);
    const text = readFileSync(creds, 'utf8');
    const [, seed = ''] = /BEGIN USER NKEY SEED-----\n(SU[A-Z2-7]+)\n/.exec(text) ?? [];
    const [{ spec }] = asked('createReader');
    assert.equal(spec.publicKey, userKey(seed).publicKey);
    assert.deepEqual([spec.role, spec.filters, spec.days], ['events', { nodes: [NAS], kinds: ['node.offline'] }, 30]);
    assert.match(text, /BEGIN NATS USER JWT-----\nheader\.claims\.signature\n/);
    assert.equal(statSync(creds).mode & 0o777, 0o600);
    assert.equal(readFileSync(ca, 'utf8'), 'PEM');
    assert.match(out, /^consumer r-billing$/m);
    // The control: the search finds what may be there.
    const told = out + err + JSON.stringify(cli.gateway.bus.asked);
    assert.ok(told.includes(spec.publicKey) && !told.includes(seed));
  });

  test('create overwrites nothing, and asks for nothing whose credential has no place', async () => {
    const [creds = '', ca = ''] = files();
    writeFileSync(creds, 'kept');
    const { code, err } = await cli.run('reader create billing --role audit');
    assert.equal(code, 2);
    assert.match(err, /is there already/);
    assert.equal(readFileSync(creds, 'utf8'), 'kept');
    assert.equal(existsSync(ca), false);
    assert.deepEqual(asked('createReader'), []);
  });

  test('create leaves nothing behind when the core refuses', async () => {
    cli.gateway.bus.answers.createReader = () => {
      throw new OverseerError('name-taken', 'there is a reader called billing');
    };
    const { code } = await cli.run('reader create billing --role events');
    assert.equal(code, 5);
    assert.deepEqual(files().filter(existsSync), []);
    mkdirSync(join(cli.folder, 'billing.creds'));
    assert.equal((await cli.run('reader create billing --role events')).code, 2);
    rmSync(join(cli.folder, 'billing.creds'), { recursive: true });
  });

  test('create may be tried again with the same key when its answer never came', async () => {
    const { createReader } = cli.gateway.bus.answers;
    cli.gateway.bus.answers.createReader = () => {
      throw new OverseerError('unavailable', 'the registry does not answer');
    };
    const [creds = '', , kept = ''] = files();
    const failed = await cli.run('reader create billing --role events');
    assert.notEqual(failed.code, 0);
    assert.match(failed.err, /run the same command again/);
    assert.deepEqual(files().filter(existsSync), [kept]);
    assert.equal(statSync(kept).mode & 0o777, 0o600);
    const seed = readFileSync(kept, 'utf8').trim();
    assert.ok(!(failed.out + failed.err).includes(seed));
    Object.assign(cli.gateway.bus.answers, { createReader });
    assert.equal((await cli.run('reader create billing --role events')).code, 0);
    const keys = asked('createReader').map(({ spec }) => spec.publicKey);
    assert.deepEqual(keys, [userKey(seed).publicKey, userKey(seed).publicKey]);
    assert.ok(readFileSync(creds, 'utf8').includes(seed));
    assert.equal(existsSync(kept), false);
    rmSync(creds);
    rmSync(files()[1] ?? '');
    writeFileSync(kept, 'no seed');
    assert.equal((await cli.run('reader create billing --role events')).code, 2);
    assert.deepEqual(files().filter(existsSync), [kept]);
  });

  test('ls shows expired ones; rm needs a yes', async () => {
    const { out } = await cli.run('reader ls');
    assert.match(out, /billing +events +valid/);
    assert.match(out, /old +events +expired/);
    assert.equal((await cli.run('reader rm billing')).code, 2);
    assert.deepEqual(asked('removeReader'), []);
    assert.equal((await cli.run('reader rm billing -y')).code, 0);
    assert.equal(asked('removeReader')[0].name, 'billing');
    assert.equal((await cli.run('reader create x --role admin')).code, 2);
  });
});
