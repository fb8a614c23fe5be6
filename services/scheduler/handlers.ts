// Answers to requests.
import type { Logger } from '#infra/logger.ts';
import type { Bus, InputOf, OutputOf, RequestName, Stoppable } from '#infra/nats/bus.ts';
import { record } from '#infra/postgres/audit.ts';
import type { Database } from '#infra/postgres/orm.ts';
import type { SendCommand } from '#subjects/schema/command.ts';
import { actOnStack, pruneNode } from './actions.ts';
import { adoptProject, listProjects } from './adoption.ts';
import { command, commandFor, sendCommand } from './commands.ts';
import type { ComposeCheck } from './compose/check.ts';
import { decideDeployment } from './decisions.ts';
import { deploymentList, deploymentOutline } from './deployment-views.ts';
import type { Issuer } from './issuer.ts';
import { planStack } from './planning.ts';
import { putStack } from './put-stack.ts';
import { rollbackStack } from './rollback.ts';
import type { SecretKeys } from './secrets/keys.ts';
import { secretHandlers } from './secrets/requests.ts';
import type { Origins } from './sources/parts.ts';
import { sourceHandlers } from './sources/requests.ts';
import type { Rounds } from './sources/rounds.ts';
import { nodeDesired, revisionDetail, revisionList, stackDetail, stackList } from './stack-views.ts';
import { removeStack } from './stacks.ts';
import { stepPage } from './step-views.ts';
import { counts } from './store/counts.ts';

export interface SchedulerParts {
  readonly bus: Bus;
  readonly database: Database;
  readonly issuer: Issuer;
  readonly log: Logger;
  readonly compose: ComposeCheck;
  readonly secrets: SecretKeys;
  readonly origins: Origins;
  readonly rounds: Rounds;
  /** Brings the copy of the registry's nodes up to date. */
  compare(): Promise<void>;
  readonly version: string;
  readonly startedAt: string;
}

async function relayCommand({ bus, database, issuer }: SchedulerParts, request: SendCommand): Promise<void> {
  const { by, node, nonce, verb } = request;
  const signed = commandFor({ node, verb }, issuer.newId(), issuer.now(), issuer.key);
  const detail = { verb, command: signed.id };
  const what = { actor: by, action: 'command.send', object: `nodes/${node}`, outcome: 'accepted', detail } as const;
  await database.transaction((em) => record(em, 'scheduler', what, issuer.now()));
  await sendCommand(bus, signed, nonce);
}

type Handlers = { [N in RequestName]?: (input: InputOf<N>) => Promise<OutputOf<N>> };

export function serveRequests(parts: SchedulerParts): Stoppable[] {
  const { bus, database, issuer, version, startedAt } = parts;
  const handlers = {
    putStack: (input) => putStack(parts, input),
    removeStack: (input) => database.transaction((em) => removeStack(em, issuer, input)),
    listStacks: (input) => database.read((em) => stackList(em, input)),
    getStack: ({ name }) => database.read((em) => stackDetail(em, name)),
    listRevisions: ({ name }) => database.read((em) => revisionList(em, name)),
    getDeployment: ({ id }) => database.read((em) => deploymentOutline(em, id, issuer.now())),
    listSteps: (input) => database.read((em) => stepPage(em, input)),
    listDeployments: (input) => database.read((em) => deploymentList(em, input, issuer.now())),
    getNodeDesired: ({ id }) => database.read((em) => nodeDesired(em, id)),
    sendCommand: (input) => relayCommand(parts, input).then(() => ({})),
    rollbackStack: (input) => rollbackStack(parts, input),
    actOnStack: (input) => actOnStack(parts, input),
    pruneNode: (input) => pruneNode(parts, input).then(() => ({})),
    decideDeployment: (input) => database.transaction((em) => decideDeployment(em, issuer, input)).then(() => ({})),
    getRevision: ({ name, revision }) => database.read((em) => revisionDetail(em, name, revision)),
    planStack: (input) => planStack(parts, input),
    listProjects: (input) => listProjects(parts, input),
    adoptProject: (input) => adoptProject(parts, input),
    askWitness: ({ node }) => command(parts, { node, verb: 'witness' }),
    ...secretHandlers(parts),
    ...sourceHandlers(parts, parts.rounds),
    schedulerStatus: async () => ({
      service: 'scheduler',
      version,
      startedAt,
      counts: await database.read(counts),
    }),
  } satisfies Handlers;
  return (Object.keys(handlers) as (keyof typeof handlers)[]).map((name) =>
    bus.serve(name, handlers[name] as (input: InputOf<typeof name>) => Promise<never>),
  );
}
