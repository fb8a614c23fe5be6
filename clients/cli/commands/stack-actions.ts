// overseer stack restart, pull, stop, start, scale: what is done to a stack that is there.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { allNodes, chosen } from '../nodes.ts';
import { several } from '../options.ts';
import { type Session, sessionOf } from '../session.ts';
import { replicas } from '../specification/values.ts';
import { withExample } from './example.ts';
import { told, type Waiting, waitingOptions } from './waiting.ts';

type Action = 'restart' | 'pull' | 'stop' | 'start' | 'scale';

interface ActionOptions extends Waiting {
  readonly node?: readonly string[];
  readonly service?: readonly string[];
}

const PLAIN: readonly (readonly [Exclude<Action, 'scale'>, string, string])[] = [
  ['restart', 'restart its containers', 'nothing was to restart'],
  ['pull', 'fetch its images anew and run what changed', 'nothing was to fetch'],
  ['stop', 'stop its containers; they stay stopped', 'it is stopped already'],
  ['start', 'run it again after a stop', 'it runs already'],
];

async function act(
  session: Session,
  name: string,
  action: Action,
  { node, ...options }: ActionOptions & Pick<Schemas['ActionBody'], 'replicas'>,
  same: string,
): Promise<void> {
  const { api } = session;
  const all = node === undefined ? [] : await allNodes(api);
  const body = {
    ...(node === undefined ? {} : { nodes: node.map((text) => chosen(all, text).id) }),
    ...(options.service === undefined ? {} : { services: [...options.service] }),
    ...(options.replicas === undefined ? {} : { replicas: options.replicas }),
  };
  const params = { path: { name, action } };
  const answer = await bodyOf(api.POST('/api/stacks/{name}/actions/{action}', { params, body }));
  await told(session, answer, same, options);
}

export function actionCommands(stack: Command): void {
  for (const [action, description, same] of PLAIN) {
    const command = stack
      .command(`${action} <name>`)
      .description(description)
      .option('--node <node>', 'on this node only; may be repeated', several)
      .action(async (name, options, self: Command) => act(sessionOf(self), name, action, options, same));
    if (action === 'restart' || action === 'pull') {
      command.option('--service <service>', 'this service only; may be repeated', several);
    }
    withExample(waitingOptions(command), `stack ${action} web`, `stack ${action} web --node nas`);
  }

  const scaling = stack
    .command('scale <name>')
    .description('run that many containers of a service')
    .argument('<service=count>', 'as web=3', replicas)
    .action(async (name, [service, count]: readonly [string, number], options, self: Command) =>
      act(sessionOf(self), name, 'scale', { ...options, service: [service], replicas: count }, 'it is so already'),
    );
  withExample(waitingOptions(scaling), 'stack scale web api=3');
}
