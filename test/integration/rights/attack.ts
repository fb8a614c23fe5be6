// The confused deputy: a message that one may send, with a reply subject that one may not use. Whoever answers, answers
// there with rights of his own. Every right to publish is tried with every reply subject; what came of it is told.
import { overlaps } from '#subjects/layout-rules.ts';
import { accountOf } from '#subjects/principals.ts';
import { streamPlans } from '#subjects/streams.ts';
import type { TestBus } from '#test/harness/nats.ts';
import { until } from '#test/harness/until.ts';
import {
  A,
  type Actor,
  B,
  covers,
  DEPLOYMENT,
  listener,
  NONCE,
  open,
  rightsOf,
  storeDigest,
  VICTIMS,
} from './stage.ts';
import { contractSubjects, systemSubjects } from './subjects.ts';
import type { Heard, Wire } from './wire.ts';

/** Reply subjects: everything of node B and of nobody in particular, and every form of what NATS has. */
export const TARGETS = [...new Set([...contractSubjects([B, '*']), ...systemSubjects()])];

const QUIET_MS = 300;
const BATCH = 50;

/** One concrete subject for a right with wildcards. */
function concrete(right: string): string {
  const values: Readonly<Record<string, readonly (string | undefined)[]>> = {
    'overseer.cmd': [A, NONCE[A]],
    'overseer.event.node': [A, 'online'],
    'overseer.event.deployment': [DEPLOYMENT, 'created'],
  };
  const found = Object.entries(values).find(([prefix]) => right.startsWith(`${prefix}.`));
  const queue = [...(found?.[1] ?? [])];
  const fallback = right.startsWith('$JS.ACK') ? '1' : A;
  return right
    .split('.')
    .map((token) => (token === '*' || token === '>' ? (queue.shift() ?? fallback) : token))
    .join('.');
}

function payloadFor(origin: string): string {
  if (origin.startsWith('$JS.API.CONSUMER.MSG.NEXT')) return '{"batch":1,"no_wait":true}';
  if (/^\$JS\.API\.DIRECT\.GET\.[A-Z]+$/.test(origin)) return '{"seq":1,"batch":2}';
  if (origin.startsWith('$JS.API.DIRECT.GET') || origin.startsWith('$JS.ACK')) return '';
  return '{"kind":"attack"}';
}

export interface Outcome {
  readonly attempts: number;
  /** Origins to whose messages somebody answered: without any, the attack was none. */
  readonly answered: readonly string[];
  /** What changed in the store beyond what the attacker may change without a trick. */
  readonly damage: readonly string[];
  /** What others heard that the attacker may not tell them directly: victim, then message. */
  readonly forged: readonly (readonly [Actor, Heard])[];
}

/** Answers to each origin's message in the attacker's own inbox; resolves when no more come. */
async function answersTo(wire: Wire, actor: Actor, origins: readonly string[]): Promise<string[]> {
  // One subscription each: a message pulled from a stream does not say in its subject whose answer it is.
  const inboxes = origins.map((_, index) => `_INBOX.${actor.name}.own.${index}`);
  const start = wire.heard.length;
  const subscriptions = inboxes.map((inbox) => wire.subscribe(inbox));
  for (const [index, origin] of origins.entries()) {
    wire.publish(origin, { reply: inboxes[index], payload: payloadFor(origin) });
  }
  let seen = -1;
  let since = performance.now();
  await until(
    async () => {
      await wire.settled();
      if (wire.heard.length !== seen) since = performance.now();
      seen = wire.heard.length;
      return performance.now() - since > QUIET_MS;
    },
    15_000,
    'the bus to be quiet',
  );
  for (const subscription of subscriptions) wire.unsubscribe(subscription);
  const heard = new Set(wire.heard.slice(start).map(({ on }) => on));
  return origins.filter((_, index) => heard.has(inboxes[index] as string));
}

function isOwnChange(actor: Actor, line: string): boolean {
  const [what, subject = '', stream] = line.split(' ');
  const { publish } = rightsOf(actor);
  if (what === 'place') return publish.includes(`$JS.API.CONSUMER.MSG.NEXT.${subject}`);
  if (what !== 'message') return false;
  if (publish.some((right) => covers(right, subject))) return true;
  // Acknowledged in its own queue of work, and gone from there.
  const isQueue = streamPlans().some(({ name, retention }) => name === stream && retention === 'workqueue');
  if (isQueue && publish.some((right) => right.startsWith(`$JS.ACK.${stream}.`))) return true;
  // Pulled from its own durable to its own audit subject, which is a literal import: the server stores it in AUDIT under
  // the subject that it had. Every durable and every read of AUDIT filters by audit subjects, so nobody takes it for one.
  const isStray = stream === 'AUDIT' && !subject.startsWith('overseer.audit.');
  return isStray && publish.includes(`overseer.audit.${actor.name}`);
}

function isForged(actor: Actor, victim: Actor, { on, subject }: Heard): boolean {
  const { publish } = rightsOf(actor);
  if (publish.some((right) => covers(right, subject))) return false;
  // A pulled message with its own subject, where another was subscribed and may be spoken to: refused for its subject.
  if (!covers(on, subject) && publish.some((right) => overlaps(right, on))) return false;
  // What a service's right makes the store republish is its own word too.
  const republished = subject.replace(/^overseer\.live\./, 'overseer.');
  if (republished !== subject) return !publish.some((right) => covers(right, republished));
  // Answers of others to what the victim asked itself: the listeners ask nothing.
  return !(victim.principal === actor.principal && victim.name === actor.name);
}

export async function attack(bus: TestBus, actor: Actor): Promise<Outcome> {
  const victims = await Promise.all(VICTIMS.map(async (victim) => [victim, await listener(bus, victim)] as const));
  const wire = await open(bus, actor);
  const origins = rightsOf(actor).publish.map(concrete);
  const answered = await answersTo(wire, actor, origins);
  const before = await storeDigest(bus);
  for (const [, ears] of victims) ears.heard.length = 0;

  let attempts = 0;
  for (const origin of origins) {
    for (const target of TARGETS) {
      wire.publish(origin, { reply: target, payload: payloadFor(origin) });
      attempts += 1;
      if (attempts % BATCH === 0) await wire.settled();
    }
  }
  // Answers come in order: those to our own inbox stand behind all that were sent elsewhere.
  await answersTo(wire, actor, origins);
  if (wire.isClosed) throw new Error(`the server closed the connection of ${actor.name}: ${wire.refusals.at(-1)}`);
  for (const [, ears] of victims) await ears.settled();

  const after = await storeDigest(bus);
  const changed = [
    ...after.filter((line) => !before.includes(line)),
    ...before.filter((line) => !after.includes(line)).map((line) => `${line} (gone)`),
  ];
  const forged = victims.flatMap(([victim, ears]) =>
    ears.heard.filter((heard) => isForged(actor, victim, heard)).map((heard) => [victim, heard] as const),
  );
  wire.close();
  for (const [, ears] of victims) ears.close();
  return { attempts, answered, damage: changed.filter((line) => !isOwnChange(actor, line)), forged };
}

/** Whether both log in to one account, where nothing but templates stands between them. */
export function shareAccount(one: Actor, other: Actor): boolean {
  return accountOf(one.principal) === accountOf(other.principal);
}
