// Subjects to try: everything of the contract with own, foreign and wildcard ids, and every form of what NATS itself has.
import { entries } from '#subjects/contract.ts';
import { SERVICES } from '#subjects/principals.ts';
import { streamPlans } from '#subjects/streams.ts';
import { parametersOf } from '#subjects/subject.ts';
import { A, B, DEPLOYMENT, DURABLES, NONCE, STREAM_NAMES } from './stage.ts';

function filled(template: string, node: string): string[] {
  const values: Record<string, readonly string[]> = {
    node: [node],
    nonce: [NONCE[node as typeof A] ?? '*', 'z'.repeat(26), '*'],
    deployment: [DEPLOYMENT, '*'],
    fact: ['online', '*'],
    service: [...SERVICES, '*'],
  };
  let subjects = [template];
  for (const parameter of parametersOf(template)) {
    const found = values[parameter] ?? [];
    subjects = subjects.flatMap((subject) => found.map((value) => subject.replace(`{${parameter}}`, value)));
  }
  return subjects;
}

/** Every message of the contract as a subject: of node A, of node B, of all. */
export function contractSubjects(nodes: readonly string[]): string[] {
  const templates = entries.flatMap(([, entry]) =>
    entry.kind === 'state' ? [entry.subject, entry.push] : [entry.subject],
  );
  const live = streamPlans().flatMap((plan) => (plan.republish ? [plan.republish.to] : []));
  const concrete = templates.flatMap((template) => nodes.flatMap((node) => filled(template, node)));
  const found = live.filter((subject) => !subject.includes('{'));
  return [...new Set([...concrete, ...found, ...found.map((subject) => subject.replace('>', `node.${B}.online`))])];
}

const STREAM_CALLS = [
  'INFO',
  'CREATE',
  'UPDATE',
  'DELETE',
  'PURGE',
  'SNAPSHOT',
  'RESTORE',
  'MSG.GET',
  'MSG.DELETE',
  'LEADER.STEPDOWN',
  'PEER.REMOVE',
];

export function streamCalls(stream: string): string[] {
  return STREAM_CALLS.map((call) => `$JS.API.STREAM.${call}.${stream}`);
}

export function durableCalls(stream: string, durable: string): string[] {
  return [
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}`,
    `$JS.API.CONSUMER.CREATE.${stream}.${durable}.overseer.up.${B}.event`,
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
    `$JS.API.CONSUMER.DELETE.${stream}.${durable}`,
    `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
    `$JS.API.CONSUMER.PAUSE.${stream}.${durable}`,
    `$JS.API.CONSUMER.UNPIN.${stream}.${durable}`,
    `$JS.API.CONSUMER.RESET.${stream}.${durable}`,
    `$JS.API.CONSUMER.LEADER.STEPDOWN.${stream}.${durable}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  ];
}

const READER_DURABLES = [
  ['EVENTS', 'r-one'],
  ['EVENTS', 'r-two'],
  ['AUDIT', 'r-audit'],
  ['EVENTS', '*'],
  ['DESIRED', 'mine'],
] as const;

/** What NATS itself listens on, in every form we know. */
export function systemSubjects(): string[] {
  const durables = [...DURABLES, ...READER_DURABLES];
  return [
    '$JS.API.INFO',
    '$JS.API.STREAM.LIST',
    '$JS.API.STREAM.NAMES',
    '$JS.API.ACCOUNT.PURGE.STORE',
    '$JS.API.META.LEADER.STEPDOWN',
    '$JS.API.SERVER.REMOVE',
    '$JS.API.>',
    ...STREAM_NAMES.flatMap((stream) => [
      ...streamCalls(stream),
      `$JS.API.CONSUMER.LIST.${stream}`,
      `$JS.API.CONSUMER.NAMES.${stream}`,
      `$JS.API.DIRECT.GET.${stream}`,
      `$JS.API.DIRECT.GET.${stream}.overseer.desired.${A}`,
      `$JS.API.DIRECT.GET.${stream}.overseer.desired.${B}`,
      `$JS.API.DIRECT.GET.${stream}.>`,
    ]),
    ...durables.flatMap(([stream, durable]) => [
      ...durableCalls(stream, durable),
      `$JS.ACK.${stream}.${durable}.1.1.1.1.1`,
      `$JS.ACK.dom.hash.${stream}.${durable}.1.1.1.1.1`,
      `$JS.FC.${stream}.${durable}.1`,
    ]),
    '$JS.EVENT.ADVISORY.>',
    '$SYS.>',
    '$SYS.REQ.SERVER.PING',
    '$SYS.REQ.CLAIMS.UPDATE',
    '$SYS.REQ.CLAIMS.LIST',
    '$SYS.REQ.CLAIMS.DELETE',
    '$SYS.REQ.USER.INFO',
    '$SRV.PING',
    '$SRV.>',
    '$KV.bucket.key',
    '$O.bucket.C.x',
    '$MQTT.msgs.x',
    '$G.x',
    '_R_.abcdef.ghijkl',
    '_R_.>',
    `_INBOX.${A}.token`,
    `_INBOX.${B}.token`,
    ...['registry', 'scheduler', 'logs', 'audit', 'gateway', 'provisioner', 'claims', 'r-one', 'r-two', 'r-audit'].map(
      (name) => `_INBOX.${name}.token`,
    ),
    '_INBOX.>',
    '_INBOX.*.token',
    'overseer.>',
    'overseer.up.>',
    'overseer.*.*.event',
    'other.subject',
    '*',
    '>',
  ];
}
