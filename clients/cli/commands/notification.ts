// overseer notification: where messages go, and what became of them.
import type { Command } from 'commander';
import { bodyOf, everyItem, type Schemas } from '#clients/sdk/client.ts';
import { EXIT, Failure } from '../failure.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age } from '../output/words.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { settingCommand } from './notification-set.ts';

type Target = Schemas['Notification'];
type Delivery = Schemas['NotificationDelivery'];

export const targetKind: Kind<Target> = {
  name: ({ name }) => `notifications/${name}`,
  id: ({ name }) => name,
  none: 'No targets of messages. Set one: overseer notification set NAME --kind KIND',
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'ADDRESS', of: ({ address }) => address },
    { title: 'OWED', of: ({ pending }) => String(pending) },
    { title: 'DEAD', of: ({ dead }) => String(dead) },
    { title: 'LAST', of: ({ lastDeliveredAt }) => age(lastDeliveredAt, Date.now()) },
    { title: 'FAULT', of: ({ lastError }) => lastError ?? '-' },
  ],
};

const deliveryKind: Kind<Delivery> = {
  name: ({ notification, id }) => `notifications/${notification}/deliveries/${id}`,
  id: ({ id }) => id,
  none: 'No messages yet.',
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'AGE', of: ({ createdAt }) => age(createdAt, Date.now()) },
    { title: 'TITLE', of: ({ title }) => title },
    { title: 'TRIES', of: ({ attempts }) => String(attempts) },
    { title: 'NEXT', of: ({ nextTryAt }) => nextTryAt ?? '-', wide: true },
    { title: 'FAULT', of: ({ lastError }) => lastError ?? '-' },
  ],
};

const at = (name: string) => ({ params: { path: { name } } });

function targetCommands(notification: Command): void {
  const listing = notification
    .command('ls')
    .alias('list')
    .description('list targets and whether they take their messages')
    .action(async (_, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { items } = await bodyOf(api.GET('/api/notifications'));
      showList(view, targetKind, items, note);
    });
  withExample(listing, 'notification ls');

  const removing = notification
    .command('rm <name>')
    .alias('remove')
    .description('forget a target and what is owed to it')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const { api, view, note, confirm } = sessionOf(command);
      await confirm(`Forget ${name} and what is owed to it?`, name, options.yes === true);
      const found = await bodyOf(api.GET('/api/notifications/{name}', at(name)));
      await bodyOf(api.DELETE('/api/notifications/{name}', at(name)));
      note(`${name} is gone`);
      showOne(view, targetKind, found, () => '');
    });
  withExample(removing, 'notification rm ops');

  const testing = notification
    .command('test <name>')
    .description('send a message now and tell what came of it')
    .action(async (name: string, _, command: Command) => {
      const { api, view } = sessionOf(command);
      const outcome = await bodyOf(api.POST('/api/notifications/{name}/test', at(name)));
      const parts = { name: () => `notifications/${name}`, id: () => name };
      showOne(view, parts, outcome, () => (outcome.delivered ? `${name} took it (${outcome.status})\n` : ''));
      if (!outcome.delivered) throw new Failure(EXIT.failed, `${name} did not take it: ${outcome.error}`);
    });
  withExample(testing, 'notification test ops');
}

export function notificationCommands(program: Command): void {
  const notification = program
    .command('notification')
    .alias('notifications')
    .description('messages about what needs somebody');
  settingCommand(notification);
  targetCommands(notification);

  const deliveries = notification
    .command('deliveries <name>')
    .description('messages to a target, newest first, and what became of each')
    .action(async (name: string, _, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const items = await everyItem((cursor) => {
        const query = { limit: 500, ...(cursor === null ? {} : { cursor }) };
        return bodyOf(api.GET('/api/notifications/{name}/deliveries', { params: { path: { name }, query } }));
      });
      showList(view, deliveryKind, items, note);
    });
  withExample(deliveries, 'notification deliveries ops -o wide');

  const retrying = notification
    .command('retry <name> <delivery>')
    .description('try a message again that waits or was given up')
    .action(async (name: string, id: string, _, command: Command) => {
      const { api, view, note } = sessionOf(command);
      await bodyOf(api.POST('/api/notifications/{name}/deliveries/{id}/retry', { params: { path: { name, id } } }));
      note(`${id} is tried again`);
      const parts = { name: () => `notifications/${name}/deliveries/${id}`, id: () => id };
      showOne(view, parts, { id }, () => '');
    });
  withExample(retrying, 'notification retry ops ID');
}
