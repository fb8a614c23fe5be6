// Answers to requests.
import type { Bus, InputOf, OutputOf, RequestName, Stoppable } from '#infra/nats/bus.ts';
import { record } from '#infra/postgres/audit.ts';
import type { Database } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { SendCommand } from '#subjects/schema/command.ts';
import type { PutStack, PutStackAnswer } from '#subjects/schema/stack.ts';
import { commandFor, sendCommand } from './commands.ts';
import type { ComposeCheck } from './compose/check.ts';
import { deploymentList, deploymentView } from './deployment-views.ts';
import type { Issuer } from './issuer.ts';
import { specificationOf } from './specification.ts';
import { nodeDesired, revisionList, stackDetail, stackList } from './stack-views.ts';
import { isUnchanged, removeStack, storeStack } from './stacks.ts';
import { counts } from './store/counts.ts';
import { findStack } from './store/stacks.ts';

export interface SchedulerParts {
  readonly bus: Bus;
  readonly database: Database;
  readonly issuer: Issuer;
  readonly compose: ComposeCheck;
  /** Brings the copy of the registry's nodes up to date. */
  compare(): Promise<void>;
  readonly version: string;
  readonly startedAt: string;
}

async function putStack(parts: SchedulerParts, { by, name, spec }: PutStack): Promise<PutStackAnswer> {
  const { database, issuer, compose } = parts;
  if (spec.compose === undefined) throw new OverseerError('source-unusable', 'git sources are not known here');
  const specification = specificationOf({ ...spec, compose: spec.compose });
  const stored = await database.read((em) => findStack(em, name));
  if (!isUnchanged(stored, specification)) await compose.check(name, specification.content);
  const store = () => database.transaction((em) => storeStack(em, issuer, name, specification, by));
  try {
    return await store();
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'node-not-found') throw error;
    // A node enrolled a moment ago is known to the registry before its fact arrives here.
    await parts.compare();
    return store();
  }
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
    getDeployment: ({ id }) => database.read((em) => deploymentView(em, id)),
    listDeployments: (input) => database.read((em) => deploymentList(em, input)),
    getNodeDesired: ({ id }) => database.read((em) => nodeDesired(em, id)),
    sendCommand: (input) => relayCommand(parts, input).then(() => ({})),
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
