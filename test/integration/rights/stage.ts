// The stage of the rights tests: two nodes, two readers, every service, one message of each kind stored before anything
// begins, and what the store holds told as text, so that any change shows.
import { createHash } from 'node:crypto';
import { withProvisioner } from '#infra/nats/provision.ts';
import { makeReaderDurable } from '#infra/nats/readers.ts';
import { template } from '#subjects/permissions.ts';
import { type Principal, SERVICES } from '#subjects/principals.ts';
import { streamPlans } from '#subjects/streams.ts';
import type { TestBus } from '#test/harness/nats.ts';
import { Wire } from './wire.ts';

export const A = 'a'.repeat(26);
export const B = 'b'.repeat(26);
export const NONCE = { [A]: 'c'.repeat(26), [B]: 'd'.repeat(26) } as const;
export const DEPLOYMENT = 'e'.repeat(26);

export interface Actor {
  readonly principal: Principal;
  readonly name: string;
}

/** Everybody the tests speak as. The provisioner is left out: its right is to change all of the store. */
export const ACTORS: readonly Actor[] = [
  { principal: 'node', name: A },
  ...SERVICES.map((principal) => ({ principal, name: principal })),
  { principal: 'reader', name: 'r-one' },
  { principal: 'reader-audit', name: 'r-audit' },
  { principal: 'claims', name: 'claims' },
];

/** Who could be harmed. */
export const VICTIMS: readonly Actor[] = [
  { principal: 'node', name: B },
  ...SERVICES.map((principal) => ({ principal, name: principal })),
  { principal: 'reader', name: 'r-two' },
  { principal: 'claims', name: 'claims' },
];

export function open(bus: TestBus, actor: Actor): Promise<Wire> {
  return Wire.open(bus.servers[0] as string, bus.ca, bus.mint(actor.principal, actor.name));
}

/** The rights of one actor, its own name filled in. */
export function rightsOf({ principal, name }: Actor) {
  const own = (subject: string) => subject.replaceAll('{{name()}}', name);
  const { pub, sub } = template(principal);
  return {
    publish: pub.map(own),
    subscribe: sub.map(own).map((right) => {
      const [subject = '', queue] = right.split(' ');
      return { subject, queue };
    }),
  };
}

/** Whether every subject that matches `narrower` matches `wider`. */
export function covers(wider: string, narrower: string): boolean {
  const right = narrower.split('.');
  for (const [index, token] of wider.split('.').entries()) {
    if (token === '>') return right.length > index;
    const other = right[index];
    if (other === undefined || (token !== '*' && token !== other) || other === '>') return false;
  }
  return wider.split('.').length === right.length;
}

/** What the audit service tells all nodes. */
export const TOLD_TO_ALL = 'overseer.all.*.checkpoint';

/** An actor on the wire that listens to all it may hear and answers all it is asked. */
export async function listener(bus: TestBus, actor: Actor): Promise<Wire> {
  const wire = await open(bus, actor);
  for (const { subject, queue } of rightsOf(actor).subscribe) wire.subscribe(subject, queue);
  wire.onMessage = ({ on, reply }) => {
    // A feed is never answered: nothing that listens to one has a way to (infra/nats/feeds.ts). Whoever did answer this one
    // would write with a node's rights where the audit service says.
    if (reply && on !== TOLD_TO_ALL) wire.publish(reply, { payload: '{"kind":"answer"}' });
  };
  await wire.settled();
  return wire;
}

/** Durables of the readers, and one stored message for every subject that matters, by whoever may send it. */
export async function seed(bus: TestBus): Promise<void> {
  const events = { stream: 'EVENTS', subjects: ['overseer.event.>'] } as const;
  const access = { data: bus.data, servers: bus.servers, ca: bus.ca };
  for (const name of ['r-one', 'r-two']) await makeReaderDurable(access, { name, ...events });
  await makeReaderDurable(access, { name: 'r-audit', stream: 'AUDIT', subjects: ['overseer.audit.*'] });
  const messages: readonly (readonly [Actor, readonly string[]])[] = [
    ...[A, B].map((name) => {
      const kinds = ['event', 'report', 'audit'].map((kind) => `overseer.up.${name}.${kind}`);
      return [{ principal: 'node', name } as const, [...kinds, `overseer.log.${name}`]] as const;
    }),
    [
      { principal: 'scheduler', name: 'scheduler' },
      [
        `overseer.desired.${A}`,
        `overseer.desired.${B}`,
        `overseer.event.deployment.${DEPLOYMENT}.created`,
        'overseer.audit.scheduler',
      ],
    ],
    [
      { principal: 'registry', name: 'registry' },
      [`overseer.event.node.${A}.online`, `overseer.event.node.${B}.online`, 'overseer.audit.registry'],
    ],
    [{ principal: 'logs', name: 'logs' }, ['overseer.audit.logs']],
    [{ principal: 'gateway', name: 'gateway' }, ['overseer.audit.gateway']],
  ];
  for (const [actor, subjects] of messages) {
    const wire = await open(bus, actor);
    wire.subscribe(`_INBOX.${actor.name}.>`);
    for (const subject of subjects) {
      wire.publish(subject, { reply: `_INBOX.${actor.name}.seed`, payload: `seed of ${subject}` });
    }
    while (wire.heard.length < subjects.length) await wire.settled();
    wire.close();
  }
}

/** A line for each thing in the store: streams, durables, last message of each subject. */
export function storeDigest(bus: TestBus): Promise<string[]> {
  return withProvisioner(bus, async ({ streams, consumers }) => {
    const lines: string[] = [];
    for await (const { config } of streams.list()) {
      const { metadata: _, ...settings } = config;
      lines.push(`stream ${config.name} ${JSON.stringify(settings)}`);
      const { state } = await streams.info(config.name, { subjects_filter: '>' });
      for (const [subject, count] of Object.entries(state.subjects ?? {})) {
        const last = await streams.getMessage(config.name, { last_by_subj: subject });
        const hash = createHash('sha256')
          .update(last?.data ?? '')
          .digest('hex')
          .slice(0, 12);
        lines.push(`message ${subject} ${config.name} count=${count} last=${last?.seq} ${hash}`);
      }
      for await (const durable of consumers.list(config.name)) {
        const { metadata: __, ...own } = durable.config;
        lines.push(`durable ${config.name}.${durable.name} ${JSON.stringify(own)}`);
        const { delivered, ack_floor: floor } = durable;
        lines.push(`place ${config.name}.${durable.name} ${delivered.consumer_seq} ${floor.consumer_seq}`);
      }
    }
    return lines.sort();
  });
}

export const STREAM_NAMES = streamPlans().map((plan) => plan.name);
export const DURABLES = streamPlans().flatMap((plan) =>
  plan.durables.map((durable) => [plan.name, durable.name] as const),
);
