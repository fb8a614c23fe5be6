// Who may command a node, and how often: signed for this node and verb, from the core, in time, and once where it matters.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { CommandJournal } from '#agent/commands.ts';
import { nextPruneAt, unneededImages } from '#agent/unneeded-images.ts';
import { newId } from '#infra/ids.ts';
import { signCommand } from '#infra/signing/command.ts';
import { newSigningKey, publicKeyFromRaw, rawPublicKey } from '#infra/signing/ed25519.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Command, CommandVerb } from '#subjects/schema/command.ts';

const key = newSigningKey();
const node = newId();
const START = Date.parse('2026-01-01T00:00:00Z');
const FROM_CORE = '_R_.x';
const HOUR = 3600_000;

type Serve = (command: never, from: { replyTo: string }) => Promise<unknown>;
let now: number;
let done: string[];
let served: Map<CommandVerb, Serve>;
let refusal: OverseerError | null;

beforeEach(() => {
  now = START;
  done = [];
  refusal = null;
  served = new Map();
  const journal = new CommandJournal({
    node,
    nonce: newId(),
    signer: publicKeyFromRaw(rawPublicKey(key)),
    log: { warn() {}, info() {} },
    now: () => now,
    actions: {
      refresh: () => void done.push('refresh'),
      renew: () => void done.push('renew'),
      act(action) {
        if (refusal) throw refusal;
        done.push(`act ${action.kind}`);
      },
      async preview({ name }) {
        done.push(`preview ${name}`);
        return { kind: 'preview', steps: [], changes: [], fault: null };
      },
      async projects(project) {
        done.push(`projects ${project}`);
        return { kind: 'projects', projects: [], content: null };
      },
      witness: () => ({ kind: 'witness', key: null, held: [], conflict: null }),
    },
  });
  const bus = { serve: (verb: CommandVerb, handle: Serve) => void served.set(verb, handle) };
  journal.serve(bus as never);
});

const MORE: Record<CommandVerb, object> = {
  ...{ refresh: {}, renew: {}, projects: { project: null }, witness: {}, preview: { stack: { name: 'web' } } },
  act: { action: { kind: 'prune', images: 'dangling' } },
};

function commandOf(verb: CommandVerb, given: Partial<Command> = {}, signer = key): Command {
  const expiresAt = new Date(START + 30_000).toISOString();
  return signCommand(
    { kind: 'command', id: newId(), node, verb, expiresAt, ...MORE[verb], ...given } as Command,
    signer,
  );
}

const send = (verb: CommandVerb, command: Command, replyTo = FROM_CORE) =>
  (served.get(verb) as Serve)(command as never, { replyTo });
const refused = (text: RegExp) => (error: unknown) =>
  error instanceof OverseerError && error.code === 'forbidden' && text.test(error.message);
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('commands', () => {
  for (const verb of ['act', 'refresh', 'renew'] as const) {
    test(`"${verb}" is carried out once`, async () => {
      const command = commandOf(verb);
      assert.deepEqual(await send(verb, command), { kind: 'command-answer', accepted: true });
      await assert.rejects(send(verb, command), refused(/already/));
      await soon();
      assert.equal(done.length, 1);
    });
  }

  for (const verb of ['preview', 'projects'] as const) {
    test(`"${verb}" may be answered again`, async () => {
      const command = commandOf(verb);
      assert.equal(((await send(verb, command)) as { kind: string }).kind, verb);
      await send(verb, command);
      assert.equal(done.length, 2);
    });
  }

  const bad: [string, (verb: CommandVerb) => [Command, string?], RegExp][] = [
    ['another key', (verb) => [commandOf(verb, {}, newSigningKey())], /not signed/],
    ['another node', (verb) => [commandOf(verb, { node: newId() })], /another node/],
    ['another verb', (verb) => [commandOf(verb === 'renew' ? 'refresh' : 'renew')], /another node or verb/],
    ['too late', (verb) => [commandOf(verb, { expiresAt: new Date(START).toISOString() })], /expired/],
    ['from a client', (verb) => [commandOf(verb), '_INBOX.x'], /from the core/],
    ['an extra field', (verb) => [{ ...commandOf(verb), more: 1 } as unknown as Command], /not signed/],
  ];
  for (const verb of Object.keys(MORE) as CommandVerb[]) {
    for (const [what, make, text] of bad) {
      test(`"${verb}" is refused: ${what}`, async () => {
        await assert.rejects(send(verb, ...make(verb)), refused(text));
        await soon();
        assert.deepEqual(done, []);
      });
    }
  }

  test('a field of the verb is signed as well', async () => {
    const command = { ...commandOf('act'), action: { kind: 'prune', images: 'unused' } } as unknown as Command;
    await assert.rejects(send('act', command), refused(/not signed/));
  });

  test('what the node can not do now is said, and the same command does not come back', async () => {
    refusal = new OverseerError('conflict', 'this node is paused');
    const command = commandOf('act');
    await assert.rejects(send('act', command), /paused/);
    refusal = null;
    await assert.rejects(send('act', command), refused(/already/));
    assert.deepEqual(done, []);
  });

  test('ids are forgotten when they would be refused as expired anyway', async () => {
    const command = commandOf('act');
    await send('act', command);
    now = START + 60_000;
    await assert.rejects(send('act', command), refused(/expired/));
  });
});

describe('images that nothing needs', () => {
  const image = (id: string, names: string[], freshAt = START - 2 * HOUR) => ({ id, names, bytes: 1, freshAt });
  const images = [image('used', ['a:1']), image('old', ['b:1']), image('bare', []), image('young', [], START - 1000)];
  const ids = (kind: 'dangling' | 'unused') =>
    unneededImages(images, new Set(['used']), kind, START).map(({ id }) => id);

  test('without a name, or without a use', () => {
    assert.deepEqual(ids('dangling'), ['bare']);
    assert.deepEqual(ids('unused'), ['old', 'bare']);
  });

  test('once a day, each node at its own time, never right after the start', () => {
    for (const id of ['a', 'b', newId(), newId()]) {
      const first = nextPruneAt(id, START, START);
      assert.ok(first >= START + 600_000 && first <= START + 600_000 + 24 * HOUR);
      assert.equal(nextPruneAt(id, first, START) - first, 24 * HOUR);
    }
    const times = new Set(Array.from({ length: 50 }, () => nextPruneAt(newId(), START, START)));
    assert.ok(times.size > 45);
  });
});
