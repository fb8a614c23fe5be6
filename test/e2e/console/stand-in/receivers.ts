// Who is told of what happens in the stand-in's world: readers, and targets of messages.
import type { AuditVerification } from '#subjects/schema/audit-verification.ts';
import type { Notification, NotificationDelivery } from '#subjects/schema/notification.ts';
import type { Reader } from '#subjects/schema/reader.ts';
import { type Answer, missing, ok, page, type Route } from './answered.ts';
import { ago, idOf } from './ids.ts';
import type { World } from './world.ts';

function readerOf(name: string, role: Reader['role'], state: Reader['state'], now: number): Reader {
  return {
    ...{ name, role, state, user: `r-${name}`, stream: role === 'events' ? 'EVENTS' : 'AUDIT' },
    subjects: role === 'events' ? ['overseer.evt.node.*.offline', 'overseer.evt.deployment.>'] : ['overseer.audit.>'],
    publicKey: `U${'A'.repeat(55)}`,
    ...{
      createdAt: ago(now, 86_400 * 20),
      createdBy: 'admin',
      expiresAt: ago(now, state === 'expired' ? 3600 : -86_400 * 300),
    },
  };
}

export function readersOf(now: number): Reader[] {
  return [
    readerOf('dashboard', 'events', 'valid', now),
    readerOf('auditor', 'audit', 'valid', now),
    readerOf('old-wall', 'events', 'expired', now),
  ];
}

function targetOf(name: string, kind: Notification['kind'], now: number, more: Partial<Notification>): Notification {
  return {
    ...{ name, kind, address: 'https://hooks.example.com', hasSecret: kind === 'webhook', choice: {}, thresholds: {} },
    ...{ createdAt: ago(now, 86_400 * 9), updatedAt: ago(now, 86_400), updatedBy: 'admin', pending: 0, dead: 0 },
    ...{ lastDeliveredAt: ago(now, 700), lastError: null },
    ...more,
  };
}

export function notificationsOf(now: number): Notification[] {
  return [
    targetOf('on-call', 'ntfy', now, { choice: { conditions: ['node-offline', 'deployment-failed'] } }),
    targetOf('team', 'slack', now, { choice: { stacks: ['shop'], minimumSeverity: 'error' } }),
    targetOf('tickets', 'webhook', now, {
      ...{
        pending: 2,
        dead: 1,
        lastError: 'HTTP 500: try later',
        thresholds: { flaps: { count: 6, withinSeconds: 300 } },
      },
    }),
    targetOf('new-one', 'discord', now, { lastDeliveredAt: null }),
  ];
}

export function deliveriesOf(now: number): NotificationDelivery[] {
  const made = (number: number, state: NotificationDelivery['state'], more: Partial<NotificationDelivery>) => ({
    ...{ id: idOf('delivery', number), notification: 'tickets', condition: 'node-offline', severity: 'error' as const },
    ...{ title: `nas-${number} is offline`, text: 'No heartbeat for 2 min.', state, createdAt: ago(now, number * 400) },
    ...{ attempts: 1, lastStatus: 200, lastError: null, nextTryAt: null, deliveredAt: ago(now, number * 400) },
    ...more,
  });
  const failing = { attempts: 7, lastStatus: 500, lastError: 'try later', deliveredAt: null };
  return [
    made(1, 'pending', { ...failing, nextTryAt: ago(now, -120) }),
    made(2, 'pending', { ...failing, nextTryAt: ago(now, -300) }),
    made(3, 'delivered', {}),
    made(4, 'dead', { ...failing, attempts: 40 }),
  ];
}

export function verificationOf(world: World): AuditVerification {
  const faults: AuditVerification['faults'] = world.isTampered
    ? [{ partition: 'scheduler', number: 12, kind: 'changed', detail: 'its content is not what its hash says' }]
    : [];
  return {
    ...{ valid: faults.length === 0, first: faults[0] ?? null, faults, records: 4211, checkpoints: 37 },
    newest: {
      checkpoint: {
        ...{ kind: 'checkpoint', number: 37, at: ago(Date.now(), 40), previous: 'a'.repeat(64), root: 'b'.repeat(64) },
        ...{ partitions: 44, records: 4211 },
      },
      ...{ key: 'k'.repeat(43), signature: 's'.repeat(86) },
    },
    isRestricted: true,
    agents: { asked: 40, answered: 38, silent: ['cabin-pi-1', 'cam-1'], claims: [] },
  };
}

const put: Answer = (world, name, { body }) => {
  const held = world.notifications.find((each) => each.name === name);
  const fresh = targetOf(name, body.kind, Date.now(), {
    ...held,
    ...body,
    lastDeliveredAt: held?.lastDeliveredAt ?? null,
  });
  world.notifications = [...world.notifications.filter((each) => each !== held), fresh];
  const secret = held === undefined && body.kind === 'webhook' && body.secret === undefined ? 'made-here-4711' : null;
  return ok({ ...fresh, secret });
};

export const RECEIVERS: readonly Route[] = [
  [/^GET \/readers$/, (world) => ok({ items: world.readers })],
  [
    /^DELETE \/readers\/([^/]+)$/,
    (world, name) => {
      world.readers = world.readers.filter((each) => each.name !== name);
      return ok({});
    },
  ],
  [/^GET \/notifications$/, (world) => ok({ items: world.notifications })],
  [/^PUT \/notifications\/([^/]+)$/, put],
  [
    /^DELETE \/notifications\/([^/]+)$/,
    (world, name) => {
      world.notifications = world.notifications.filter((each) => each.name !== name);
      return ok({});
    },
  ],
  [
    /^POST \/notifications\/([^/]+)\/test$/,
    (world, name) => {
      const target = world.notifications.find((each) => each.name === name);
      if (target === undefined) return missing('notification');
      const isTaken = target.lastError === null;
      return ok({ delivered: isTaken, status: isTaken ? 200 : 500, error: isTaken ? null : 'HTTP 500: try later' });
    },
  ],
  [
    /^GET \/notifications\/([^/]+)\/deliveries$/,
    (world, name) => page(world.deliveries.filter(({ notification }) => notification === name)),
  ],
  [
    /^POST \/notifications\/([^/]+)\/deliveries\/([^/]+)\/retry$/,
    (world, _, __, id) => {
      world.deliveries = world.deliveries.map((each) => (each.id === id ? { ...each, state: 'delivered' } : each));
      return ok({});
    },
  ],
];
