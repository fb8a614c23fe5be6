// overseer deployment: each revision's way to its nodes.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { plain, visible } from '#clients/sdk/terminal-text.ts';
import { nodeNamed } from '../nodes.ts';
import { wholeNumber } from '../options.ts';
import { fields } from '../output/fields.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age } from '../output/words.ts';
import { type Deployment, failureOf } from '../progress/outcome.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { followed, waitingOptions, waitOption } from './waiting.ts';

type Step = Deployment['targets'][number]['steps'][number];

const kind: Kind<Schemas['DeploymentSummary']> = {
  name: ({ id }) => `deployments/${id}`,
  id: ({ id }) => id,
  none: 'No deployments yet.',
  columns: [
    { title: 'ID', of: ({ id }) => id },
    { title: 'STACK', of: ({ stack }) => stack },
    { title: 'KIND', of: ({ kind }) => kind },
    { title: 'REVISION', of: ({ revision }) => String(revision) },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'AGE', of: ({ createdAt }) => age(createdAt, Date.now()) },
    { title: 'BY', of: ({ createdBy }) => createdBy, wide: true },
    { title: 'REASON', of: ({ reason }) => reason ?? '-', wide: true },
  ],
};

function linesOfStep({ step, why, outcome, exitCode, reason, output }: Step): string[] {
  const exit = exitCode === null || exitCode === 0 ? '' : `, exit code ${exitCode}`;
  const end = `${outcome ?? 'running'}${exit}${reason ? `: ${reason}` : ''}`;
  return [`  ${step}: ${why} (${end})`, ...output.map((line) => `    ${plain(line)}`)];
}

function describe(deployment: Deployment): string {
  const head = fields([
    ['id', deployment.id],
    ['stack', deployment.stack],
    ['kind', deployment.kind],
    ['revision', String(deployment.revision)],
    ['state', deployment.reason === null ? deployment.state : `${deployment.state}: ${deployment.reason}`],
    ['begun', `${deployment.createdAt} by ${deployment.createdBy}`],
    ['finished', deployment.finishedAt ?? '-'],
    ...(deployment.awaitsApproval ? [['waits for', `overseer deployment continue ${deployment.id}`] as const] : []),
  ]);
  const batches = new Set(deployment.targets.map(({ batch }) => batch)).size;
  const body = deployment.targets.flatMap((target) => [
    '',
    `${target.nodeName}  ${target.parked ? 'parked, ' : ''}${target.state}${target.reason ? `: ${target.reason}` : ''}${
      batches > 1 ? ` (batch ${target.batch})` : ''
    }`,
    ...target.steps.flatMap(linesOfStep),
    ...failureOf(target),
  ]);
  return head + body.map((line) => `${visible(line)}\n`).join('');
}

export function deploymentCommands(program: Command): void {
  const deployment = program.command('deployment').alias('deployments').description("each revision's way to its nodes");

  const listing = deployment
    .command('ls')
    .description('list deployments, newest first')
    .option('--stack <name>', 'of this stack only')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .action(async (options, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const query = { limit: options.limit, ...(options.stack === undefined ? {} : { stack: options.stack }) };
      const { items } = await bodyOf(api.GET('/api/deployments', { params: { query } }));
      showList(view, kind, items, note);
    });
  withExample(listing, 'deployment ls --stack web');

  const getting = deployment
    .command('get <id>')
    .description('one deployment with every step')
    .option('--node <node>', 'this node alone, with all that is kept of its output')
    .action(async (id, options, command: Command) => {
      const { api, view } = sessionOf(command);
      const query = options.node === undefined ? {} : { node: (await nodeNamed(api, options.node)).id };
      const found = await bodyOf(api.GET('/api/deployments/{id}', { params: { path: { id }, query } }));
      showOne(view, kind, found, () => describe(found));
    });
  withExample(getting, 'deployment get ID', 'deployment get ID --node nas');

  const watching = deployment
    .command('watch <id>')
    .description('its steps and output until it has ended; the exit code says how')
    .action(async (id, options, command: Command) => followed(sessionOf(command), id, options));
  withExample(waitOption(watching), 'deployment watch ID');

  const going = deployment
    .command('continue <id>')
    .description('let the next batch of a rollout go, and watch')
    .action(async (id, options, command: Command) => {
      const session = sessionOf(command);
      await bodyOf(session.api.POST('/api/deployments/{id}/continue', { params: { path: { id } } }));
      session.note(`deployment ${id} goes on`);
      await followed(session, id, options);
    });
  withExample(waitingOptions(going), 'deployment continue ID');

  const cancelling = deployment
    .command('cancel <id>')
    .description('let no further batch of a rollout go; what has gone stays')
    .action(async (id, _, command: Command) => {
      const session = sessionOf(command);
      await bodyOf(session.api.POST('/api/deployments/{id}/cancel', { params: { path: { id } } }));
      session.note(`deployment ${id}: no further node is changed`);
      showOne(session.view, { name: () => `deployments/${id}`, id: () => id }, { deployment: id }, () => '');
    });
  withExample(cancelling, 'deployment cancel ID');
}
