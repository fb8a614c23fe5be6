// Pure. Which events of a node are things it did, and how they stand in the audit. A converged node does nothing, so it
// records nothing. What is about to be done is recorded before it begins: an agent that dies amid it leaves the intent.
import type { AuditRecord } from '#subjects/schema/audit.ts';
import type { NodeEvent, NodeEventBody } from '#subjects/schema/node-event.ts';

export type Done = Pick<AuditRecord, 'action' | 'object' | 'outcome' | 'detail'> & { readonly code?: string };

/** Names and reasons; a tool's whole output stands in the events. */
const LONGEST = 500;
const cut = (text: string | null) => text?.slice(0, LONGEST).toWellFormed() ?? null;

function doneIn(body: NodeEventBody): Done | null {
  switch (body.type) {
    case 'stack.step.started': {
      const detail = { deployment: body.deployment, revision: body.revision, why: cut(body.why) };
      return { action: `stack.${body.step}`, object: `stacks/${body.stack}`, outcome: 'accepted', detail };
    }
    case 'stack.step.finished': {
      const { deployment, revision, exitCode, durationMs } = body;
      const detail = { deployment, revision, exitCode, durationMs, reason: cut(body.reason) };
      const outcome = body.outcome === 'ok' ? 'succeeded' : 'failed';
      return { action: `stack.${body.step}`, object: `stacks/${body.stack}`, outcome, detail };
    }
    case 'secrets.opened': {
      const secrets = body.secrets.map(({ name, version }) => `${name}@${version}`).join(' ');
      return {
        action: 'secret.open',
        object: `stacks/${body.stack}`,
        outcome: 'succeeded',
        detail: { secrets: cut(secrets) },
      };
    }
    case 'images.pruned': {
      const { count, bytes, reason } = body;
      const outcome = reason === null ? 'succeeded' : 'failed';
      return { action: 'image.prune', object: 'images', outcome, detail: { count, bytes, reason: cut(reason) } };
    }
    case 'document.rejected': {
      const { generation, reason } = body;
      const detail = { generation, reason: cut(reason) };
      return { action: 'document.accept', object: 'document', outcome: 'refused', code: 'forbidden', detail };
    }
    case 'checkpoint.refused': {
      const { number, reason } = body;
      const detail = { number, reason: cut(reason) };
      return { action: 'checkpoint.accept', object: 'audit', outcome: 'refused', code: 'forbidden', detail };
    }
    case 'agent.started':
      return { action: 'agent.start', object: 'agent', outcome: 'succeeded', detail: { version: cut(body.version) } };
    case 'stack.step.output':
    case 'stack.settled':
    case 'stack.drifted':
    case 'stack.corrected':
    case 'container.changed':
    case 'events.lost':
      return null;
    default:
      return body satisfies never;
  }
}

/** @param fault why it is not carried out */
export function commandDone(verb: string, fault: string | null): Done {
  const about = { action: `command.${verb}`, object: 'agent' };
  if (fault === null) return { ...about, outcome: 'accepted', detail: {} };
  return { ...about, outcome: 'refused', code: 'forbidden', detail: { reason: cut(fault) } };
}

interface Maker {
  readonly node: string;
  readonly id: string;
  readonly at: string;
  /** Ties it to what it was done for: the deployment's id, the command's, or the boot's. */
  readonly request: string;
}

export function recordOf(
  { action, object, outcome, detail, code }: Done,
  { node, id, at, request }: Maker,
): AuditRecord {
  const actor = { kind: 'node', id: node, requestId: request } as const;
  return { kind: 'audit', id, at, actor, action, object, outcome, code: code ?? null, detail };
}

/** Null: it tells of nothing that the agent did. */
export function recordIn({ at, bootId, body }: NodeEvent, node: string, id: string): AuditRecord | null {
  const done = doneIn(body);
  if (done === null) return null;
  const deployment = 'deployment' in body ? body.deployment : null;
  return recordOf(done, { node, id, at, request: deployment ?? bootId });
}
