// overseer deployment: each revision's way to its nodes.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { wholeNumber } from '../options.ts';
import { visible } from '../output/escape.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age } from '../output/words.ts';
import type { Deployment } from '../progress/outcome.ts';
import { deploymentOf } from '../progress/watch.ts';
import { sessionOf } from '../session.ts';
import { fields } from './node.ts';

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

function describe(deployment: Deployment): string {
  const head = fields([
    ['id', deployment.id],
    ['stack', deployment.stack],
    ['kind', deployment.kind],
    ['revision', String(deployment.revision)],
    ['state', deployment.reason === null ? deployment.state : `${deployment.state}: ${deployment.reason}`],
    ['begun', `${deployment.createdAt} by ${deployment.createdBy}`],
    ['finished', deployment.finishedAt ?? '-'],
  ]);
  const body = deployment.targets.flatMap((target) => [
    '',
    `${target.nodeName}  ${target.parked ? 'parked, ' : ''}${target.state}${target.reason ? `: ${target.reason}` : ''}`,
    ...target.steps.flatMap(({ step, why, outcome, reason, output }) => [
      `  ${step}: ${why} (${outcome ?? 'running'}${reason ? `: ${reason}` : ''})`,
      ...output.map((line) => `    ${line}`),
    ]),
  ]);
  return head + body.map((line) => `${visible(line)}\n`).join('');
}

export function deploymentCommands(program: Command): void {
  const deployment = program.command('deployment').alias('deployments').description("each revision's way to its nodes");

  deployment
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

  deployment
    .command('get <id>')
    .description('one deployment with every step')
    .action(async (id, _, command: Command) => {
      const session = sessionOf(command);
      const found = await deploymentOf(session, id);
      showOne(session.view, kind, found, () => describe(found));
    });
}
