// Notifications, put together. They live in the logs service because it holds no key of the bus and tells no node
// anything: whoever talks to strangers should be able to do little else.
import { newId } from '#infra/ids.ts';
import { deadLetters } from '#infra/metrics.ts';
import type { Stoppable } from '#infra/nats/bus.ts';
import { keepDeadLetter, startRelay } from '#infra/postgres/outbox.ts';
import { databaseOf, type ServiceContext } from '#infra/service.ts';
import { decider } from './decide.ts';
import { startDeliveries } from './deliver.ts';
import type { NotifyParts } from './parts.ts';
import * as requests from './requests.ts';
import { addressVault } from './sealed.ts';
import type { Loss } from './signals.ts';
import { forgetOld } from './store/alarms.ts';
import { forgetDeliveries } from './store/deliveries.ts';

const LOOK_MS = 1_000;
const FORGET_EVERY = 3600;

export interface Notifications extends Stoppable {
  /** Lines of a node's containers will not come. */
  lost(node: string, losses: readonly Loss[]): Promise<void>;
}

export interface NotifyOverrides {
  now?(): Date;
}

const nothing = () => ({});

export async function startNotifications(
  context: ServiceContext,
  overrides: NotifyOverrides = {},
): Promise<Notifications> {
  const { bus, log, data, config } = context;
  const database = databaseOf(context);
  const { now = () => new Date() } = overrides;
  const stopping = new AbortController();
  const { publicUrl } = config;
  const parts: NotifyParts = { bus, database, log, vault: await addressVault(data), publicUrl, now, newId };
  const sending = startDeliveries(parts);
  const deciding = decider(parts, () => sending.wake());

  let looks = 0;
  let looking: Promise<void> = Promise.resolve();
  async function look(): Promise<void> {
    try {
      await deciding.look();
      if (looks % FORGET_EVERY === 0) {
        await database.transaction((em) => forgetOld(em, now()));
        await database.transaction((em) => forgetDeliveries(em, now()));
      }
      looks += 1;
    } catch (error) {
      log.warn({ err: error }, 'what may be worth a message is looked at later');
    }
  }
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    looking = look().finally(() => {
      isLooking = false;
    });
  }, LOOK_MS);

  const running: Stoppable[] = [
    bus.consume(['nodeFact', 'deploymentFact'], {
      // Of the server's clock only how long ago it was counts.
      handle: ({ body, storedAt }) =>
        deciding.take(body, now().getTime() - Math.max(0, Date.now() - storedAt.getTime())),
      async deadLetter(letter) {
        await database.transaction((em) => keepDeadLetter(em, 'logs', letter));
        deadLetters.inc({ service: 'logs', stream: letter.stream });
      },
    }),
    bus.serve('putNotification', (input) => requests.put(parts, input)),
    bus.serve('listNotifications', () => requests.list(parts)),
    bus.serve('getNotification', ({ name }) => requests.one(parts, name)),
    bus.serve('removeNotification', ({ by, name }) => requests.remove(parts, by, name).then(nothing)),
    bus.serve('testNotification', ({ by, name }) => requests.test(parts, by, name, stopping.signal)),
    bus.serve('listDeliveries', (input) => requests.deliveryPage(parts, input)),
    bus.serve('retryDelivery', async ({ by, name, id }) => {
      await requests.retry(parts, by, name, id);
      sending.wake();
      return {};
    }),
    startRelay({ database, bus, service: 'logs', log }),
  ];
  return {
    lost: (node, losses) => deciding.lost(node, losses),
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await looking;
      await Promise.all(running.map((part) => part.stop()));
      await sending.stop();
    },
  };
}
