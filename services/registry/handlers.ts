// Answers to requests.
import type { InputOf, OutputOf, ParametersOf, RequestName, Stoppable } from '#infra/nats/bus.ts';
import { commandNonce, reauthenticate, renew, rotate } from './credentials.ts';
import { registerNode } from './enroll.ts';
import { configure, hello, nodeList, oneNode, remove } from './nodes.ts';
import type { RegistryParts } from './parts.ts';
import { createReader, readerList, removeReader } from './readers.ts';
import { counts } from './store/counts.ts';
import { createToken, revokeToken, tokenList } from './tokens.ts';

type Handlers = {
  [N in RequestName]?: (input: InputOf<N>, from: { parameters: ParametersOf<N> }) => Promise<OutputOf<N>>;
};

const nothing = () => ({});

export function serveRequests(parts: RegistryParts, status: { version: string; startedAt: string }): Stoppable[] {
  const { database, watch } = parts;
  const handlers = {
    hello: (input, { parameters }) => hello(parts, parameters.node, input),
    renewCredential: (_, { parameters }) => renew(parts, parameters.node),
    createEnrollmentToken: ({ by, spec, url }) => createToken(parts, by, spec, url),
    listEnrollmentTokens: () => tokenList(parts),
    revokeEnrollmentToken: ({ by, id }) => revokeToken(parts, by, id).then(nothing),
    registerNode: ({ by, registration }) => registerNode(parts, by, registration),
    reauthenticateNode: ({ by, reauthentication }) => reauthenticate(parts, by, reauthentication),
    listNodes: (input) => nodeList(parts, input),
    getNode: ({ id }) => oneNode(parts, id),
    configureNode: ({ by, id, config }) => configure(parts, by, id, config),
    removeNode: ({ by, id }) => remove(parts, by, id).then(nothing),
    commandNonce: ({ id }) => commandNonce(parts, id),
    rotateCredential: ({ by, id }) => rotate(parts, by, id).then(nothing),
    createReader: ({ by, spec }) => createReader(parts, by, spec),
    listReaders: () => readerList(parts),
    removeReader: ({ by, name }) => removeReader(parts, by, name).then(nothing),
    registryStatus: async () => ({
      service: 'registry',
      ...status,
      counts: { ...(await database.read(counts)), ...watch.counts() },
    }),
  } satisfies Handlers;
  return (Object.keys(handlers) as (keyof typeof handlers)[]).map((name) =>
    parts.bus.serve(name, handlers[name] as () => Promise<never>),
  );
}
