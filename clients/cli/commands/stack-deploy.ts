// overseer stack plan, overseer stack deploy: what would change, and the change.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { EXIT } from '../failure.ts';
import { isEmpty, planText } from '../output/plan.ts';
import { showOne } from '../output/render.ts';
import { type Session, sessionOf } from '../session.ts';
import { isSpecified, type SpecificationOptions, specificationOptions } from '../specification/options.ts';
import { wantedOf } from '../specification/wanted.ts';
import { withExample } from './example.ts';
import { told, type Waiting, waitingOptions } from './waiting.ts';

type Plan = Schemas['StackPlan'];
type Specification = Schemas['StackSpec'];

interface PlanOptions extends SpecificationOptions {
  readonly exitCode?: boolean;
}

interface DeployOptions extends SpecificationOptions, Waiting {
  readonly plan?: boolean;
  readonly yes?: boolean;
}

function planned({ api }: Session, name: string, body: Specification | null): Promise<Plan> {
  const params = { path: { name } };
  return bodyOf(api.POST('/api/stacks/{name}/plan', body === null ? { params } : { params, body }));
}

async function plan(session: Session, name: string, options: PlanOptions): Promise<void> {
  const { view, note } = session;
  const wanted = isSpecified(options) ? await wantedOf(session, name, options) : null;
  wanted?.notes.forEach(note);
  const found = await planned(session, name, wanted?.body ?? null);
  for (const warning of found.warnings) note(`warning: ${warning}`);
  const kind = { name: () => `stacks/${name}`, id: () => name };
  showOne(view, kind, found, () => planText(found, view.width));
  if (found.nodes.some(({ state }) => state === 'failed')) process.exitCode = EXIT.failed;
  else if (options.exitCode && !isEmpty(found)) process.exitCode = EXIT.changes;
}

/** False when there is nothing to do. @throws Failure unless the operator agrees */
async function agreed(session: Session, name: string, body: Specification, isSure: boolean): Promise<boolean> {
  const found = await planned(session, name, body);
  session.note(planText(found, session.view.width).trimEnd());
  if (isEmpty(found)) return false;
  await session.confirm(`Deploy ${name}?`, name, isSure);
  return true;
}

async function deploy(session: Session, name: string, options: DeployOptions): Promise<void> {
  const { api, note } = session;
  const { body, condition: header, notes } = await wantedOf(session, name, options);
  notes.forEach(note);
  if (options.plan && !(await agreed(session, name, body, options.yes === true))) return note(`${name}: nothing to do`);
  const answer = await bodyOf(api.PUT('/api/stacks/{name}', { params: { path: { name }, header }, body }));
  await told(session, answer, 'nothing has changed', options);
}

export function deployCommands(stack: Command): void {
  const planning = stack
    .command('plan <name>')
    .description('what a deployment would change on each node; nothing is changed')
    .action(async (name, options, command: Command) => plan(sessionOf(command), name, options));
  withExample(
    specificationOptions(planning).option('--exit-code', `end with ${EXIT.changes} when something would change`),
    'stack plan web -f compose.yaml --node nas',
    'stack plan web    # what the present revision would still change',
    'stack plan web -f compose.yaml --exit-code',
  );

  const deploying = stack
    .command('deploy <name>')
    .description('store a new revision and watch it go to its nodes')
    .action(async (name, options, command: Command) => deploy(sessionOf(command), name, options));
  specificationOptions(deploying)
    .option('--plan', 'show what would change and ask first')
    .option('-y, --yes', 'do not ask');
  withExample(
    waitingOptions(deploying),
    'stack deploy web -f compose.yaml --node nas',
    'stack deploy web --env-file prod.env --depends-on none    # all else stays as it is',
    'stack deploy web --spec web.yaml',
    'stack deploy web --git https://forge.lan/web.git --ref main --path deploy --selector role=edge --batch 25%',
  );
}
