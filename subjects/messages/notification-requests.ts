// What the logs service is asked about notifications.
import { request } from '../define.ts';
import * as notification from '../schema/notification.ts';
import { Nothing } from '../schema/service-status.ts';

export const notificationRequests = {
  putNotification: request('overseer.int.logs.put-notification', {
    from: ['gateway'],
    to: 'logs',
    input: notification.PutNotification,
    output: notification.NotificationAnswer,
    audited: true,
    doc: 'Set where messages go and which. Address and secret are sealed before they are stored.',
  }),
  listNotifications: request('overseer.int.logs.list-notifications', {
    from: ['gateway'],
    to: 'logs',
    input: Nothing,
    output: notification.NotificationList,
    audited: false,
    doc: 'Targets of messages, and whether they take them.',
  }),
  getNotification: request('overseer.int.logs.get-notification', {
    from: ['gateway'],
    to: 'logs',
    input: notification.ByNotification,
    output: notification.Notification,
    audited: false,
    doc: 'One target.',
  }),
  removeNotification: request('overseer.int.logs.remove-notification', {
    from: ['gateway'],
    to: 'logs',
    input: notification.ChangeNotification,
    output: Nothing,
    audited: true,
    doc: 'Forget a target and what is owed to it.',
  }),
  testNotification: request('overseer.int.logs.test-notification', {
    from: ['gateway'],
    to: 'logs',
    input: notification.ChangeNotification,
    output: notification.NotificationTest,
    audited: true,
    doc: 'Send one message now and tell what came of it.',
  }),
  listDeliveries: request('overseer.int.logs.list-deliveries', {
    from: ['gateway'],
    to: 'logs',
    input: notification.ListDeliveries,
    output: notification.NotificationDeliveries,
    audited: false,
    doc: 'Messages to one target, newest first, with what became of each.',
  }),
  retryDelivery: request('overseer.int.logs.retry-delivery', {
    from: ['gateway'],
    to: 'logs',
    input: notification.RetryDelivery,
    output: Nothing,
    audited: true,
    doc: 'Try a message again that was given up or waits.',
  }),
} as const;
