// Pure. What an event means for those who want to be told: which condition turned for the worse or the better, of what.
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Condition, Severity } from '#subjects/schema/notification.ts';
import type { Standing } from './alarm.ts';

export interface Signal {
  readonly condition: Condition;
  /** What the condition is about, the same for its turns for the better. */
  readonly key: string;
  /** `once`: it has no end. `ended`: what was bad is no more. `gone`: nor is anything else that it could be about. */
  readonly turn: Standing | 'once' | 'gone';
  /** By the event's own clock; of a signal that is kept, when the core heard of it. */
  readonly at: number;
  readonly node: string | null;
  /** As the event names it; null: it must be looked up. */
  readonly nodeName: string | null;
  readonly stack: string | null;
  readonly deployment: string | null;
  /** Of what happened, for people; null when the condition says all. */
  readonly detail: string | null;
  /** Of the event. */
  readonly event: string;
}

const SEVERITY: Readonly<Record<Condition, Severity>> = {
  'node-registered': 'info',
  'node-offline': 'error',
  'deployment-failed': 'error',
  'deployment-succeeded': 'info',
  'stack-unhealthy': 'error',
  'stack-drifted': 'warning',
  'container-restarting': 'error',
  'document-rejected': 'error',
  'events-lost': 'warning',
  'logs-lost': 'warning',
  'audit-contradicted': 'error',
};

export function severityOf(condition: Condition): Severity {
  return SEVERITY[condition];
}

type Found = Pick<Signal, 'condition' | 'turn' | 'detail'> & { readonly about: string };

/** Nodes say anything: PostgreSQL keeps no NUL in JSON, and nobody's screen wants the others. */
function text(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string'
    ? value
        .toWellFormed()
        .replace(/\p{Cc}+/gu, ' ')
        .trim()
    : '';
}

/** Names that a node chose are a part of it. */
const KEY_MAX = 512;

function containerSignals({ stack, service, container, action, exitCode }: CloudEvent['data'], node: string): Found[] {
  const one = `${node}/${text(stack)}/${text(container)}`;
  const all = `${node}/${text(stack)}/${text(service)}`;
  const unhealthy = { condition: 'stack-unhealthy', about: one, detail: text(service) } as const;
  const restarting = { condition: 'container-restarting', about: all } as const;
  switch (action) {
    case 'unhealthy':
      return [{ ...unhealthy, turn: 'worse' }];
    case 'healthy':
      return [{ ...unhealthy, turn: 'better' }];
    case 'removed':
      return [{ ...unhealthy, turn: 'ended' }];
    case 'started':
      return [{ ...restarting, turn: 'better', detail: text(service) }];
    case 'died':
    case 'oom': {
      const how = action === 'oom' ? 'out of memory' : `exit code ${text(exitCode) || 'unknown'}`;
      // A container that is down has no health; whether it stays down is told as restarting, or by its deployment.
      return [
        { ...unhealthy, turn: 'ended' },
        { ...restarting, turn: 'worse', detail: `${text(service)} (${how})` },
      ];
    }
    default:
      return [];
  }
}

function deploymentSignals({ stack, revision, state, reason, kind }: CloudEvent['data']): Found[] {
  const about = text(stack);
  const what = `${kind === 'remove' ? 'removal' : `revision ${text(revision)}`}${reason ? `: ${text(reason)}` : ''}`;
  if (state === 'failed' || state === 'rolled-back') {
    return [{ condition: 'deployment-failed', turn: 'once', about, detail: `${what} (${state})` }];
  }
  return state === 'succeeded' ? [{ condition: 'deployment-succeeded', turn: 'once', about, detail: what }] : [];
}

function nodeSignals(fact: string, node: string, { data }: CloudEvent): Found[] {
  const one = (condition: Condition, turn: Signal['turn'], detail: string | null = null): Found[] => [
    { condition, turn, about: node, detail },
  ];
  switch (fact) {
    case 'registered':
      return one('node-registered', 'once');
    case 'offline':
      return one('node-offline', 'worse');
    case 'online':
      return one('node-offline', 'better');
    case 'removed':
      return one('node-offline', 'gone');
    case 'document-rejected':
      return one('document-rejected', 'once', text(data['reason']));
    case 'events-lost':
      return one('events-lost', 'once', `${text(data['from'])} to ${text(data['to'])}: ${text(data['reason'])}`);
    case 'checkpoint-refused':
      return one('audit-contradicted', 'once', `checkpoint ${text(data['number'])}: ${text(data['reason'])}`);
    case 'stack-drifted': {
      const stack = text(data['stack']);
      return [{ condition: 'stack-drifted', turn: 'once', about: `${node}/${stack}`, detail: null }];
    }
    case 'container-changed':
      return containerSignals(data, node);
    default:
      return [];
  }
}

/** Empty for most events. */
export function signalsOf(event: CloudEvent): Signal[] {
  const [, domain, fact = ''] = /^dev\.overseer\.([a-z]+)\.([a-z-]+)\.v1$/.exec(event.type) ?? [];
  const [, node = null] = /^nodes\/(.+)$/.exec(event.subject) ?? [];
  const { data } = event;
  const finished = domain === 'deployment' && fact === 'finished' ? deploymentSignals(data) : [];
  const found = domain === 'node' && node !== null ? nodeSignals(fact, node, event) : finished;
  const { name } = (data['node'] ?? {}) as { name?: unknown };
  return found.map(({ condition, turn, about, detail }) => ({
    condition,
    turn,
    detail,
    key: `${condition} ${about}`.slice(0, KEY_MAX).toWellFormed(),
    at: Date.parse(event.time),
    node,
    nodeName: text(name) || null,
    stack: event.stack ?? (text(data['stack']) || null),
    deployment: text(data['deployment']) || null,
    event: event.id,
  }));
}

/** What is needed of a gap. */
export interface Loss {
  readonly stack: string;
  readonly service: string;
  readonly rows: number | null;
  readonly reason: string;
  /** Told once, however often it arrives. */
  readonly key: string;
}

/** Lines that will not come, one signal a stack: they arrive with the lines, so no event tells of them. */
export function lossSignals(node: string, losses: readonly Loss[], at: number): Signal[] {
  return [...Map.groupBy(losses, ({ stack }) => stack)].map(([stack, own]) => {
    const [{ service, reason, key }] = own as [Loss, ...Loss[]];
    const rows = own.reduce((sum, loss) => sum + (loss.rows ?? 0), 0);
    const many = own.some((loss) => loss.rows === null) ? 'an unknown number of rows' : `${rows} rows`;
    return {
      condition: 'logs-lost',
      key: `logs-lost ${node}/${stack}`,
      turn: 'once',
      at,
      node,
      nodeName: null,
      stack,
      deployment: null,
      detail: `${many} of ${text(service)}: ${reason}`,
      event: `${node} ${key}`,
    };
  });
}
