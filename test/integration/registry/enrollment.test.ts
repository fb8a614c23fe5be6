// Enrollment on a real bus and database: one token, one node, whoever tries how often.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newUserKey } from '#infra/nats/credentials.ts';
import { newSigningKey, signBytes } from '#infra/signing/ed25519.ts';
import { tokenHash } from '#services/registry/authority.ts';
import { decideEnrollment } from '#services/registry/enrollment.ts';
import { tokenByHash } from '#services/registry/store/tokens.ts';
import { parseToken, signedText, tokenText } from '#services/registry/token.ts';
import { until } from '#test/harness/until.ts';
import { operator, type RegistryCore, registrationOf, SOON_MS, startRegistryCore } from './core.ts';

const KEYS = 250;
const TRIES = 4;

let core: RegistryCore;
before(async () => {
  core = await startRegistryCore();
});
after(() => core?.stop());

async function refusalOf(token: string, applicant = newUserKey()): Promise<string> {
  return core.register(registrationOf(applicant, token)).then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  );
}

test(`${KEYS * TRIES} at once with one token, ${KEYS} keys ${TRIES} times each: exactly one becomes a node`, async () => {
  const token = await core.token();
  const registrations = Array.from({ length: KEYS }, () => registrationOf(newUserKey(), token));
  const attempts = Array.from({ length: TRIES }, () => registrations).flat();
  const outcomes = await Promise.allSettled(attempts.map((registration) => core.register(registration)));
  const winners = outcomes.flatMap((outcome, index) =>
    outcome.status === 'fulfilled' ? [`${attempts[index]?.publicKey} ${outcome.value.node.id}`] : [],
  );
  assert.equal(new Set(winners).size, 1);
  assert.equal(winners.length, TRIES, 'the winner is answered each time');
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
  assert.deepEqual([...new Set(refusals)], ['token-used']);
  const { items } = await core.gateway.request('listNodes', {}, {});
  assert.equal(items.length, 1);
});

test('control: without the lock on the token several would get through', async () => {
  const token = await core.token();
  const attempts = 5;
  const allHaveRead = Promise.withResolvers<void>();
  let read = 0;
  const decisions = await Promise.all(
    Array.from({ length: attempts }, () =>
      core.database.transaction(async (em) => {
        const stored = await tokenByHash(em, tokenHash(token));
        read += 1;
        if (read === attempts) allHaveRead.resolve();
        await allHaveRead.promise;
        return decideEnrollment(stored, null, new Date()).kind;
      }),
    ),
  );
  assert.ok(decisions.filter((kind) => kind === 'new').length > 1);
});

test('many at once with the same key and token are all the same node', async () => {
  const token = await core.token();
  const applicant = newUserKey();
  const answers = await Promise.all(Array.from({ length: 50 }, () => core.register(registrationOf(applicant, token))));
  assert.equal(new Set(answers.map(({ node }) => node.id)).size, 1);
});

test('an answer that was lost is given again, after a restart of the registry too', async () => {
  const token = await core.token({ labels: { zone: 'a' } });
  const applicant = newUserKey();
  const first = await core.register(registrationOf(applicant, token));
  await core.startRegistry();
  const second = await core.register(registrationOf(applicant, token));
  assert.deepEqual(second.node, first.node);
  assert.deepEqual(second.node.labels, { zone: 'a' });
  assert.equal(second.documentSigner, 'c2lnbmVy');
  assert.equal(await refusalOf(token), 'token-used');
});

test('a token of this core, changed in any way, is unknown', async () => {
  const token = await core.token();
  const parsed = parseToken(token);
  assert.ok(parsed);
  const longer = signedText({ ...parsed.content, exp: parsed.content.exp + 86_400 });
  assert.equal(await refusalOf(tokenText(longer, parsed.signature)), 'token-unknown');
  const foreign = signBytes('token', Buffer.from(parsed.signed), newSigningKey()).toString('base64url');
  assert.equal(await refusalOf(tokenText(parsed.signed, foreign)), 'token-unknown');
  assert.equal(await refusalOf(`ovs_enr_${'x'.repeat(40)}`), 'token-unknown');
  assert.equal(await refusalOf('not a token at all'), 'token-unknown');
  assert.equal(await refusalOf(token), 'accepted', 'the token itself is as good as before');
});

test('a revoked token', async () => {
  const token = await core.token();
  const id = parseToken(token)?.content.id ?? '';
  await core.gateway.request('revokeEnrollmentToken', {}, { by: operator(), id });
  assert.equal(await refusalOf(token), 'token-revoked');
});

test('an expired token, by a second and by an hour', async () => {
  const token = await core.token({ ttlSeconds: 60 });
  for (const seconds of [61, 3660]) {
    await core.startRegistry({ now: () => new Date(Date.now() + seconds * 1000) });
    assert.equal(await refusalOf(token), 'token-expired');
  }
  await core.startRegistry();
  assert.equal(await refusalOf(token), 'accepted');
});

test('a proof by another key, or of another token, is none', async () => {
  const token = await core.token();
  const [applicant, other] = [newUserKey(), newUserKey()];
  const stolen = { ...registrationOf(other, token), publicKey: applicant.publicKey };
  await assert.rejects(core.register(stolen), { code: 'proof-invalid' });
  const replayed = { ...registrationOf(applicant, await core.token()), token };
  await assert.rejects(core.register(replayed), { code: 'proof-invalid' });
  const broken = { ...registrationOf(applicant, token), publicKey: `U${'A'.repeat(55)}` };
  await assert.rejects(core.register(broken), { code: 'proof-invalid' });
});

test('a key that is a node already gets no second one', async () => {
  const applicant = newUserKey();
  assert.equal(await refusalOf(await core.token(), applicant), 'accepted');
  assert.equal(await refusalOf(await core.token(), applicant), 'key-taken');
});

test('hosts of one name get numbers; a name that was chosen is taken or free', async () => {
  const named = async (hostname: string) => (await core.enroll(hostname)).name;
  assert.deepEqual([await named('Twin'), await named('twin'), await named('twin')], ['twin', 'twin-2', 'twin-3']);
  await assert.rejects(core.token({ name: 'twin' }), { code: 'name-taken' });
  const tokens = [await core.token({ name: 'chosen' }), await core.token({ name: 'chosen' })];
  assert.equal(await refusalOf(tokens[0] ?? ''), 'accepted');
  assert.equal(await refusalOf(tokens[1] ?? ''), 'name-taken');
  await assert.rejects(core.token({ name: 'several', uses: 2 }), { code: 'invalid-input' });
});

test('a token for three nodes makes three', async () => {
  const token = await core.token({ uses: 3 });
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => refusalOf(token)));
  assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 3);
});

test('an enrollment leaves a record and a fact; the list of tokens shows no secret', async () => {
  const node = await core.enroll('witnessed');
  const audit = await until(
    async () =>
      (await core.stored('AUDIT')).find(({ body }) => (body as { object: string }).object === `nodes/${node.id}`),
    SOON_MS,
    'the audit record',
  );
  assert.equal((audit.body as { action: string }).action, 'node.register');
  const fact = await until(
    async () => (await core.stored('EVENTS')).find(({ parameters }) => parameters['node'] === node.id),
    SOON_MS,
    'the node fact',
  );
  assert.equal(fact.parameters['fact'], 'registered');
  const { items } = await core.gateway.request('listEnrollmentTokens', {}, {});
  assert.ok(items.length > 5);
  assert.doesNotMatch(JSON.stringify(items), /hash|secret|ovs_enr/);
});
