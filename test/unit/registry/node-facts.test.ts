// Node facts: every one is a valid CloudEvent, and each kind of a node's event has its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lostFact, toldFact } from '#services/registry/node-facts.ts';
import { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { NodeEvent, type NodeEventBody } from '#subjects/schema/node-event.ts';

const id = 'e'.repeat(26);
const node = 'n'.repeat(26);
const about = { stack: 'web', revision: 1, deployment: null };

const BODIES: readonly [NodeEventBody, string][] = [
  [{ type: 'agent.started', version: '1' }, 'agent-started'],
  [{ type: 'document.rejected', reason: 'r', generation: 2 }, 'document-rejected'],
  [{ type: 'stack.step.started', ...about, step: 'up web', why: 'w' }, 'step-started'],
  [{ type: 'stack.step.output', ...about, step: 'up web', lines: ['a'] }, 'step-output'],
  [
    { type: 'stack.step.finished', ...about, step: 'up web', outcome: 'ok', reason: null, exitCode: 0, durationMs: 1 },
    'step-finished',
  ],
  [{ type: 'stack.settled', ...about, outcome: 'failed', reason: 'x', failure: null }, 'stack-settled'],
  [
    { type: 'container.changed', stack: 'web', service: 's', container: 'c', action: 'died', exitCode: 1 },
    'container-changed',
  ],
  [{ type: 'events.lost', from: 1, to: 2, reason: 'full' }, 'events-lost'],
];

for (const [body, fact] of BODIES) {
  test(`${body.type} is told as ${fact}`, () => {
    const told: NodeEvent = { kind: 'event', at: '2026-01-01T00:00:00.000Z', bootId: id, body };
    const made = toldFact(node, NodeEvent.parse(told), { epoch: 'p', sequence: 7 }, id);
    assert.equal(made.fact, fact);
    const event = CloudEvent.parse(made.event);
    assert.equal(event.type, `dev.overseer.node.${fact}.v1`);
    assert.equal(event.nodesequence, 'p:7');
    assert.deepEqual(event.data, body);
    assert.equal(event.time, told.at);
  });
}

test('a loss that the core found is told like one that the node told', () => {
  const { event } = lostFact(node, { from: 3, to: 5, reason: 'r' }, { id, at: new Date(0) });
  assert.deepEqual(CloudEvent.parse(event).data, { type: 'events.lost', from: 3, to: 5, reason: 'r' });
});
