// Nodes that answer commands, played by the test: each verb with what the test gives it.
import assert from 'node:assert/strict';
import { newId } from '#infra/ids.ts';
import type { Bus, InputOf, OutputOf } from '#infra/nats/bus.ts';
import { isGenuineCommand } from '#infra/signing/command.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { Node } from '#subjects/schema/node.ts';
import type { Core } from './core.ts';

type Verb = 'preview' | 'projects';
export type Answers = { readonly [V in Verb]?: (command: InputOf<V>) => OutputOf<V> | Promise<OutputOf<V>> };

/** Tells the core under which nonce a node listens, as the registry does. */
export async function serveNonces(core: Core): Promise<Map<string, string>> {
  const nonces = new Map<string, string>();
  const registry = await core.nats.connect('registry');
  registry.serve('commandNonce', async ({ id }) => ({ nonce: nonces.get(id) ?? null }));
  return nonces;
}

export async function answering(core: Core, nonces: Map<string, string>, node: Node, answers: Answers): Promise<void> {
  const nonce = newId();
  const bus: Bus = await core.nats.connect('node', node.id, core.nats.mintNode(node.id));
  for (const verb of Object.keys(answers) as Verb[]) {
    const answer = answers[verb] as (command: InputOf<Verb>) => Promise<OutputOf<Verb>>;
    bus.serve(
      verb,
      async (command: InputOf<Verb>) => {
        assert.ok(isGenuineCommand(command, core.signer));
        assert.equal(command.node, node.id);
        return (await answer(command)) as never;
      },
      { node: node.id, nonce },
    );
  }
  await bus.flush();
  nonces.set(node.id, nonce);
}

/** What a node on which nothing of the stack is would say. */
export function freshPreview(stack: DesiredStack): OutputOf<'preview'> {
  const reasons = [{ kind: 'new' as const, detail: 'it has no container here' }];
  return {
    kind: 'preview',
    steps: [{ step: 'up', why: `revision ${stack.revision} is new here` }],
    changes: [{ service: 'web', container: null, change: 'create', reasons }],
    fault: null,
  };
}
