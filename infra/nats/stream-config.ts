// Pure: a stream or durable of the contract as the server wants it, and how far what a server has is from it.
import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream';
import type { DurablePlan, StreamPlan } from '#subjects/streams.ts';

/** The shortest the server takes; zero would mean two minutes. Nothing of ours rests on it. */
const DUPLICATE_WINDOW = 100_000_000;
/** What a killed service had in hand comes again after this time; who still works on a message says so. */
const ACK_WAIT = 10_000_000_000;
/** Several times what one node may have waiting: one that floods must not be all that is in hand. */
const MAX_ACK_PENDING = 256;

export type Wanted<T> = Readonly<Partial<Record<keyof T, unknown>>>;

export function streamConfig(plan: StreamPlan, replicas: number): Wanted<StreamConfig> {
  return {
    name: plan.name,
    subjects: [...plan.subjects],
    storage: 'file',
    num_replicas: replicas,
    retention: plan.retention,
    discard: plan.discard,
    // Over its cap a node is pushed back alone; without this its flood would evict what others have waiting.
    discard_new_per_subject: plan.discard === 'new',
    max_msgs: -1,
    max_consumers: -1,
    max_msgs_per_subject: plan.maxPerSubject,
    max_msg_size: plan.maxMessageBytes,
    max_bytes: plan.maxBytes,
    max_age: plan.maxAge,
    duplicate_window: DUPLICATE_WINDOW,
    allow_direct: plan.directGet,
    allow_rollup_hdrs: false,
    allow_msg_ttl: false,
    deny_delete: true,
    deny_purge: plan.denyPurge,
    ...(plan.republish ? { republish: { src: plan.republish.from, dest: plan.republish.to } } : {}),
  };
}

export function durableConfig(plan: DurablePlan): Wanted<ConsumerConfig> {
  return {
    durable_name: plan.name,
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: ACK_WAIT,
    max_ack_pending: MAX_ACK_PENDING,
    max_deliver: -1,
    filter_subjects: [...plan.filters],
  };
}

export interface Difference {
  readonly field: string;
  readonly has: unknown;
  readonly wants: unknown;
}

/** What the server leaves out of an answer has this value. */
const ABSENT: Readonly<Record<string, unknown>> = { subjects: [], filter_subjects: [] };

function text(field: string, value: unknown): string {
  const said = value ?? ABSENT[field] ?? (typeof value === 'boolean' ? value : null);
  if (Array.isArray(said)) return JSON.stringify([...said].sort());
  return JSON.stringify(said === false ? null : said);
}

export function differences(has: Readonly<Record<string, unknown>>, wants: Readonly<Record<string, unknown>>) {
  return Object.keys(wants)
    .filter((field) => text(field, has[field]) !== text(field, wants[field]))
    .map((field): Difference => ({ field, has: has[field], wants: wants[field] }));
}

const isLower = (has: unknown, wants: unknown) =>
  typeof has === 'number' && typeof wants === 'number' && wants > 0 && (has <= 0 || wants < has);

/** The differences that would lose messages or can't be taken back, a sentence each. */
export function destructive(found: readonly Difference[]): string[] {
  return found.flatMap(({ field, has, wants }) => {
    const change = `${field} from ${JSON.stringify(has)} to ${JSON.stringify(wants)}`;
    switch (field) {
      case 'retention':
      case 'storage':
        return [change];
      case 'subjects': {
        const gone = (has as string[]).filter((subject) => !(wants as string[]).includes(subject));
        return gone.length > 0 ? [`subjects without ${gone.join(', ')}`] : [];
      }
      case 'max_bytes':
      case 'max_age':
      case 'max_msgs':
      case 'max_msgs_per_subject':
      case 'max_msg_size':
        return isLower(has, wants) ? [change] : [];
      case 'deny_delete':
      case 'deny_purge':
        return has === true && wants !== true ? [change] : [];
      default:
        return [];
    }
  });
}
