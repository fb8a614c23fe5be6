// Every message is whole: who serves it, where it is kept, what it is for; and nobody gets a right that no message needs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generatedFiles } from '#infra/setup/generate.ts';
import { entries } from '#subjects/contract.ts';
import { STREAMS } from '#subjects/define.ts';
import { factMessages } from '#subjects/messages/facts.ts';
import { logRequests } from '#subjects/messages/log-requests.ts';
import { nodeMessages } from '#subjects/messages/node-messages.ts';
import { notificationRequests } from '#subjects/messages/notification-requests.ts';
import { readerRequests } from '#subjects/messages/reader-requests.ts';
import { registryRequests } from '#subjects/messages/registry-requests.ts';
import { schedulerRequests } from '#subjects/messages/scheduler-requests.ts';
import { secretRequests } from '#subjects/messages/secret-requests.ts';
import { sourceRequests } from '#subjects/messages/source-requests.ts';
import { statusRequests } from '#subjects/messages/status-requests.ts';
import { inboxPrefix, template } from '#subjects/permissions.ts';
import { isNamed, isService, PRINCIPALS, type Principal, SERVICES } from '#subjects/principals.ts';
import { NODE_FACTS } from '#subjects/schema/cloud-event.ts';
import { COMMAND_VERBS } from '#subjects/schema/command.ts';
import { STORE_LIMITS, streamPlans } from '#subjects/streams.ts';
import { parametersOf, patternOf } from '#subjects/subject.ts';

const parties = (party: Principal | readonly Principal[]): readonly Principal[] => [party].flat();

test('every entry is documented in one line', () => {
  for (const [name, entry] of entries) {
    assert.match(entry.doc, /^[A-Z].{6,160}[.]$/, name);
    assert.doesNotMatch(entry.doc, /\n/, name);
  }
});

test('no file of messages takes the name of a message in another', () => {
  const groups = [
    nodeMessages,
    factMessages,
    registryRequests,
    readerRequests,
    schedulerRequests,
    logRequests,
    notificationRequests,
    secretRequests,
    sourceRequests,
    statusRequests,
  ];
  const names = groups.flatMap((group) => Object.keys(group));
  assert.deepEqual(
    names,
    entries.map(([name]) => name),
  );
});

test('no two entries share a subject', () => {
  const patterns = entries.map(([, entry]) => patternOf(entry.subject));
  assert.deepEqual(patterns, [...new Set(patterns)]);
});

test('a request is served by one, who is not its sender', () => {
  for (const [name, entry] of entries) {
    if (entry.kind !== 'request') continue;
    assert.ok(entry.from.length > 0, name);
    assert.ok(!entry.from.includes(entry.to), name);
    assert.ok(entry.to === 'node' || isService(entry.to), name);
  }
});

test('the node is the third token wherever a node speaks or is spoken to alone; else the service that tells all', () => {
  for (const [name, entry] of entries) {
    const isNodes = [...parties(entry.from), ...parties(entry.to)].includes('node');
    const isForAll = entry.kind === 'feed' && entry.to === 'node';
    if (isNodes) assert.equal(entry.subject.split('.')[2], isForAll ? '{service}' : '{node}', name);
    if (entry.kind === 'state') assert.equal(entry.push.split('.')[2], '{node}', name);
  }
});

test('what a node stores has one fixed subject a node: a free token would be a fresh cap', () => {
  for (const [name, entry] of entries) {
    if (entry.kind === 'event' && entry.from.includes('node')) {
      assert.deepEqual(parametersOf(entry.subject), ['node'], name);
    }
  }
});

test('no state comes from a node', () => {
  for (const [name, entry] of entries) if (entry.kind === 'state') assert.ok(isService(entry.from), name);
});

test('no durable names a node, and none has a filter outside its stream', () => {
  for (const plan of streamPlans()) {
    for (const { name, filters } of plan.durables) {
      assert.ok(isService(name), `${plan.name}.${name}`);
      assert.ok(filters.length > 0 && filters.every((filter) => plan.subjects.includes(filter)), plan.name);
    }
    assert.ok(!plan.durables.some(({ name }) => name === 'gateway'), 'live views have no durable');
  }
});

test('every stream has a message, a bound in bytes, and room in the store', () => {
  const plans = streamPlans();
  for (const plan of plans) assert.ok(plan.subjects.length > 0 && plan.maxBytes > 0, plan.name);
  assert.deepEqual(
    plans.map((plan) => plan.name),
    [...STREAMS],
  );
  const total = plans.reduce((sum, plan) => sum + plan.maxBytes, 0);
  assert.ok(total <= STORE_LIMITS.diskBytes, `${total} bytes`);
});

test('a queue of work has one receiver', () => {
  for (const plan of streamPlans()) {
    if (plan.retention === 'workqueue') assert.equal(plan.durables.length, 1, plan.name);
  }
});

test('no two principals share an inbox', () => {
  const nodeName = 'a'.repeat(26);
  const readerName = 'r-one';
  // Inboxes of two accounts never meet: the provisioner of a reader has the reader's name, in STORE.
  const others = PRINCIPALS.filter((principal) => principal !== 'reader-audit' && principal !== 'reader-provisioner');
  const prefixes = others.map((principal) =>
    inboxPrefix(principal, isNamed(principal) ? (principal === 'node' ? nodeName : readerName) : undefined),
  );
  assert.deepEqual(prefixes, [...new Set(prefixes)]);
  for (const principal of PRINCIPALS) {
    const own = template(principal).sub.filter((subject) => subject.startsWith('_INBOX.'));
    assert.deepEqual(own, [`_INBOX.${isNamed(principal) ? '{{name()}}' : principal}.>`]);
  }
});

test('a service hears requests and feeds in its queue alone', () => {
  for (const service of SERVICES) {
    for (const subject of template(service).sub) {
      if (!subject.startsWith('overseer.') || subject.startsWith('overseer.live.')) continue;
      assert.ok(subject.endsWith(` ${service}`), subject);
    }
  }
});

test("a node's name stands as a whole token in its rights, and nothing there is wider than itself", () => {
  const { pub, sub } = template('node');
  const forAll = entries.flatMap(([, entry]) => {
    return entry.kind === 'feed' && entry.to === 'node' ? [patternOf(entry.subject)] : [];
  });
  assert.ok(
    forAll.every((subject) => sub.includes(subject) && !pub.includes(subject)),
    'it only hears what is for all',
  );
  for (const subject of [...pub, ...sub].filter((each) => !forAll.includes(each))) {
    assert.ok(subject.split('.').includes('{{name()}}'), subject);
    assert.ok(
      subject.split('.').every((token) => token === '{{name()}}' || !token.includes('{')),
      subject,
    );
  }
});

test('nobody but the provisioners has the JetStream API, nobody but the claims user the system account', () => {
  for (const principal of PRINCIPALS) {
    const api = template(principal).pub.filter((subject) => subject.startsWith('$JS.API.'));
    if (principal === 'reader-provisioner') {
      const own = ['EVENTS', 'AUDIT'].flatMap((stream) =>
        ['DURABLE.CREATE', 'DELETE'].map((call) => `$JS.API.CONSUMER.${call}.${stream}.{{name()}}`),
      );
      assert.deepEqual(template(principal).pub, own);
    } else if (principal !== 'provisioner') {
      for (const subject of api) assert.match(subject, /^\$JS\.API\.(CONSUMER\.MSG\.NEXT|DIRECT\.GET)\.[A-Z_]+(\.|$)/);
    }
    const system = template(principal).pub.filter((subject) => subject.startsWith('$SYS'));
    assert.deepEqual(system, principal === 'claims' ? ['$SYS.REQ.CLAIMS.UPDATE'] : []);
    assert.ok(![...template(principal).pub, ...template(principal).sub].includes('>'), principal);
  }
});

test('every command verb has its message, and facts are tokens', () => {
  const verbs = entries
    .filter(([, entry]) => entry.subject.startsWith('overseer.cmd.'))
    .map(([, entry]) => entry.subject.split('.').at(-1));
  assert.deepEqual(verbs, [...COMMAND_VERBS]);
  for (const fact of NODE_FACTS) assert.match(fact, /^[a-z-]+$/);
});

test('generated files are current', () => {
  for (const [path, text] of Object.entries(generatedFiles())) {
    assert.equal(readFileSync(path, 'utf8'), text, `${path} is old: npm run generate`);
  }
});
