// What JetStream keeps, in STORE alone. Sizes in bytes, times in nanoseconds, as the server wants them.
import { entries } from './contract.ts';
import { type Event, STREAMS, type State, type StreamName } from './define.ts';
import { DESIRED_MAX_BYTES, NODE_MESSAGE_MAX_BYTES, REPORT_MAX_BYTES } from './limits.ts';
import { isService } from './principals.ts';
import { patternOf } from './subject.ts';

const MIB = 1024 * 1024;
const DAY = 24 * 3600 * 1_000_000_000;

interface Settings {
  readonly retention: 'limits' | 'workqueue';
  readonly discard: 'old' | 'new';
  readonly maxPerSubject: number;
  readonly maxMessageBytes: number;
  readonly maxBytes: number;
  readonly maxAge: number;
  readonly directGet: boolean;
  /** Cannot be taken back once set. */
  readonly denyPurge: boolean;
  readonly republish?: { readonly from: string; readonly to: string };
}

/** Messages a node may have waiting; over it the server pushes back into that node's own spool. */
const queue = {
  retention: 'workqueue',
  discard: 'new',
  maxMessageBytes: NODE_MESSAGE_MAX_BYTES,
  maxAge: 0,
  directGet: false,
  denyPurge: false,
} as const;
const kept = { retention: 'limits', discard: 'old', denyPurge: true } as const;

const SETTINGS: Record<StreamName, Settings> = {
  DESIRED: {
    ...kept,
    maxPerSubject: 1,
    maxMessageBytes: DESIRED_MAX_BYTES,
    maxBytes: 1024 * MIB,
    maxAge: 0,
    directGet: true,
  },
  NODE_EVENTS: { ...queue, maxPerSubject: 256, maxBytes: 512 * MIB },
  NODE_AUDIT: { ...queue, maxPerSubject: 256, maxBytes: 256 * MIB },
  NODE_REPORTS: {
    ...kept,
    maxPerSubject: 1,
    maxMessageBytes: REPORT_MAX_BYTES,
    maxBytes: 512 * MIB,
    maxAge: 0,
    directGet: false,
  },
  NODE_LOGS: { ...queue, maxPerSubject: 64, maxBytes: 1024 * MIB },
  EVENTS: {
    ...kept,
    maxPerSubject: -1,
    maxMessageBytes: NODE_MESSAGE_MAX_BYTES,
    maxBytes: 1024 * MIB,
    maxAge: 7 * DAY,
    directGet: true,
    republish: { from: 'overseer.event.>', to: 'overseer.live.event.>' },
  },
  AUDIT: {
    ...kept,
    maxPerSubject: -1,
    maxMessageBytes: NODE_MESSAGE_MAX_BYTES,
    maxBytes: 512 * MIB,
    maxAge: 90 * DAY,
    directGet: true,
    republish: { from: 'overseer.audit.>', to: 'overseer.live.audit.>' },
  },
};

/** Sum over all streams must stay within STORE's own limit, or the server refuses the last one. */
export const STORE_LIMITS = {
  memoryBytes: 256 * MIB,
  diskBytes: 6 * 1024 * MIB,
  streams: 50,
  consumers: 2000,
} as const;

export interface StreamPlan extends Settings {
  readonly name: StreamName;
  readonly subjects: readonly string[];
  /** Pull, explicit acknowledgement, unlimited deliveries; one for each service that receives from the stream. */
  readonly durables: readonly DurablePlan[];
}

export interface DurablePlan {
  readonly name: string;
  /** Subjects it is owed; a stream may hold more. */
  readonly filters: readonly string[];
}

function keptIn(name: StreamName): (Event | State)[] {
  return entries
    .map(([, entry]) => entry)
    .filter((entry) => (entry.kind === 'event' || entry.kind === 'state') && entry.stream === name) as (
    | Event
    | State
  )[];
}

/** Live views get stored messages by republish, so that no replica holds a durable another could take from. */
export function isLiveReceiver(principal: string): boolean {
  return principal === 'gateway';
}

export function streamPlan(name: StreamName): StreamPlan {
  const members = keptIn(name);
  const receivers = members.flatMap((entry) =>
    entry.kind === 'event' ? entry.to.filter((to) => isService(to) && !isLiveReceiver(to)) : [],
  );
  const durables = [...new Set(receivers)].map((receiver) => ({
    name: receiver,
    filters: members
      .filter((entry) => entry.kind === 'event' && entry.to.includes(receiver))
      .map((entry) => patternOf(entry.subject)),
  }));
  const pushed = members.find((entry) => entry.kind === 'state');
  const republish = pushed
    ? { from: patternOf(pushed.subject), to: patternOf(pushed.push, { node: '{{wildcard(1)}}' }) }
    : SETTINGS[name].republish;
  return {
    ...SETTINGS[name],
    ...(republish ? { republish } : {}),
    name,
    subjects: [...new Set(members.map((entry) => patternOf(entry.subject)))],
    durables,
  };
}

export function streamPlans(): StreamPlan[] {
  return STREAMS.map(streamPlan);
}
