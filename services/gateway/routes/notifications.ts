// Notifications: targets of messages, tried out, and what became of each message.
import {
  Notification,
  NotificationAnswer,
  NotificationDeliveries,
  NotificationList,
  NotificationSpec,
  NotificationTest,
} from '#subjects/schema/notification.ts';
import { actorOf } from '../access/authenticate.ts';
import { DeliveryParams, DeliveryQuery, NotificationParams } from '../openapi/notice-shapes.ts';
import { Done } from '../openapi/shapes.ts';
import type { App, Audited, GatewayParts } from '../parts.ts';
import { gathered, given } from './pages.ts';

/** A target has ten seconds to answer. */
const TEST_TIMEOUT_MS = 20_000;
const tags = ['notifications'];
const audited = (action: string): Audited => ({ action, object: ({ name }) => `notifications/${name}` });

function targetRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/notifications',
    {
      schema: {
        operationId: 'listNotifications',
        summary: 'Targets of messages, and whether they take them',
        tags,
        response: { 200: NotificationList },
      },
    },
    () => bus.request('listNotifications', {}, {}),
  );

  app.put(
    '/notifications/:name',
    {
      schema: {
        operationId: 'putNotification',
        summary: 'Set a target of messages',
        description:
          'Address and secret are sealed and never shown again, but for a signing secret that is made here: this answer is ' +
          'the only place where it stands. Both stay as they are when they are left out. A webhook gets a CloudEvent with ' +
          '`Overseer-Delivery` (the same at each try) and `Overseer-Signature: t=<seconds>,v1=<hex>`, the HMAC-SHA-256 of ' +
          '`<t>.<body>` under the secret.',
        tags,
        params: NotificationParams,
        body: NotificationSpec,
        response: { 200: NotificationAnswer },
      },
      config: { audit: audited('notification.put') },
    },
    (request) =>
      bus.request('putNotification', {}, { by: actorOf(request), name: request.params.name, spec: request.body }),
  );

  app.get(
    '/notifications/:name',
    {
      schema: {
        operationId: 'getNotification',
        summary: 'One target of messages',
        tags,
        params: NotificationParams,
        response: { 200: Notification },
      },
    },
    (request) => bus.request('getNotification', {}, request.params),
  );

  app.delete(
    '/notifications/:name',
    {
      schema: {
        operationId: 'removeNotification',
        summary: 'Forget a target and what is owed to it',
        tags,
        params: NotificationParams,
        response: { 200: Done },
      },
      config: { audit: audited('notification.remove') },
    },
    (request) => bus.request('removeNotification', {}, { by: actorOf(request), name: request.params.name }),
  );
}

export function notificationRoutes(app: App, parts: GatewayParts): void {
  const { bus } = parts;
  targetRoutes(app, parts);

  app.post(
    '/notifications/:name/test',
    {
      schema: {
        operationId: 'testNotification',
        summary: 'Send a message now and tell what came of it',
        tags,
        params: NotificationParams,
        response: { 200: NotificationTest },
      },
      config: { audit: audited('notification.test') },
    },
    (request) => {
      const input = { by: actorOf(request), name: request.params.name };
      return bus.request('testNotification', {}, input, { timeoutMs: TEST_TIMEOUT_MS });
    },
  );

  app.get(
    '/notifications/:name/deliveries',
    {
      schema: {
        operationId: 'listDeliveries',
        summary: 'Messages to a target, newest first, with what became of each',
        tags,
        params: NotificationParams,
        querystring: DeliveryQuery,
        response: { 200: NotificationDeliveries },
      },
    },
    ({ params: { name }, query: { state, ...page } }) =>
      gathered(page, (part) => bus.request('listDeliveries', {}, { name, ...given({ state }), ...part })),
  );

  app.post(
    '/notifications/:name/deliveries/:id/retry',
    {
      schema: {
        operationId: 'retryDelivery',
        summary: 'Try a message again that waits or was given up',
        tags,
        params: DeliveryParams,
        response: { 200: Done },
      },
      config: { audit: audited('notification.retry') },
    },
    (request) => bus.request('retryDelivery', {}, { by: actorOf(request), ...request.params }),
  );
}
