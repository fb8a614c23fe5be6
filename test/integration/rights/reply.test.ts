// Reply attacks of every principal against everything, on a real server: the store unchanged, no service told anything
// under another's name, and inside a shared account nothing but what the agent is built to refuse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestBus } from '#test/harness/nats.ts';
import { attack, shareAccount } from './attack.ts';
import { ACTORS, type Actor, B, seed, TOLD_TO_ALL } from './stage.ts';
import type { Heard } from './wire.ts';

/** What reaches others inside the attacker's own account; everything else is a hole. */
function isKnown(actor: Actor, victim: Actor, { on, reply }: Heard): boolean {
  if (actor.principal === 'audit' && victim.principal === 'node' && on === TOLD_TO_ALL) return true;
  if (!shareAccount(actor, victim)) return false;
  switch (actor.principal) {
    case 'node':
      // A document, a checkpoint, an answer or an acknowledgement: refused by signature, a command by its reply subject too.
      return (
        on === TOLD_TO_ALL ||
        on === `overseer.push.${B}` ||
        on === `_INBOX.${B}.>` ||
        (on.startsWith(`overseer.cmd.${B}.`) && !reply?.startsWith('_R_.'))
      );
    case 'reader':
    case 'reader-audit':
      return on === '_INBOX.r-two.>';
    default:
      // Its own replicas.
      return victim.principal === actor.principal;
  }
}

for (const actor of ACTORS) {
  test(`${actor.principal}: every right with every reply subject`, async () => {
    // A server each: pulls that one leaves behind would be served again during the attack of the next.
    const bus = await startTestBus();
    await seed(bus);
    const { attempts, answered, damage, forged } = await attack(bus, actor).finally(() => bus.stop());
    const isTool = actor.principal === 'claims';
    assert.ok(attempts > 300 && (isTool || answered.length > 0), `${attempts} attempts, answered: ${answered}`);
    assert.deepEqual(damage, [], 'the store has changed');
    const holes = forged.filter(([victim, heard]) => !isKnown(actor, victim, heard));
    assert.deepEqual(
      holes.map(([victim, { on, subject }]) => `${victim.name} heard ${subject} on ${on}`),
      [],
    );
  });
}
