// The contract as an AsyncAPI 3.0 document, for tools of others.
import * as z from 'zod/mini';
import { contract, type MessageName } from './contract.ts';
import type { Entry } from './define.ts';
import { PRINCIPALS, type Principal } from './principals.ts';
import { parametersOf } from './subject.ts';

type Json = Readonly<Record<string, unknown>>;
type Schema = z.ZodMiniType;

const PARAMETERS: Readonly<Record<string, string>> = {
  node: 'Id of a node, 26 characters of a-z and 2-7.',
  nonce: 'Token of one boot of an agent, told in its hello.',
  deployment: 'Id of a deployment.',
  fact: 'What happened.',
  service: 'Name of the service that tells it.',
};

const list = (value: Principal | readonly Principal[]): readonly Principal[] => [value].flat();
const reference = (path: string): Json => ({ $ref: `#/${path}` });

function jsonSchema(schema: Schema): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { unrepresentable: 'any' }) as Record<string, unknown>;
  return rest;
}

/** Bodies by message name; a request has a second one, its answer. */
function bodies(name: MessageName, entry: Entry): readonly (readonly [string, Schema])[] {
  if (entry.kind !== 'request') return [[name, entry.schema]];
  return [
    [name, entry.input],
    [`${name}Answer`, entry.output],
  ];
}

function message(name: string, entry: Entry, schema: Schema): Json {
  const isSigned = entry.kind === 'state';
  return {
    name,
    contentType: isSigned ? 'application/octet-stream' : 'application/json',
    ...(isSigned
      ? { summary: '64 bytes of Ed25519 signature, then the gzip of this document as canonical JSON.' }
      : {}),
    payload: jsonSchema(schema),
  };
}

function channel(name: MessageName, entry: Entry): readonly (readonly [string, Json])[] {
  const parameters = Object.fromEntries(
    parametersOf(entry.subject).map((parameter) => [parameter, { description: PARAMETERS[parameter] ?? parameter }]),
  );
  const common = { description: entry.doc, ...(Object.keys(parameters).length > 0 ? { parameters } : {}) };
  const own = { address: entry.subject, messages: { [name]: reference(`components/messages/${name}`) }, ...common };
  switch (entry.kind) {
    case 'request': {
      const messages = { [`${name}Answer`]: reference(`components/messages/${name}Answer`) };
      return [
        [name, own],
        [`${name}Answer`, { address: null, description: `Answer to ${name}, to the inbox that it names.`, messages }],
      ];
    }
    case 'state':
      return [
        [name, own],
        [`${name}Push`, { ...own, address: entry.push }],
      ];
    default:
      return [[name, own]];
  }
}

/** What each principal does with a message: one operation for each side of it. */
function operations(name: MessageName, entry: Entry): readonly (readonly [string, Json])[] {
  const channelOf = (suffix = '') => ({ channel: reference(`channels/${name}${suffix}`) });
  const answer = { reply: { ...channelOf('Answer'), address: { location: '$message.header#/reply' } } };
  const replied = entry.kind === 'request' ? answer : {};
  const heard = entry.kind === 'state' ? channelOf('Push') : channelOf();
  return [
    ...list(entry.from).map(
      (from) => [`${from}.${name}.send`, { action: 'send', ...channelOf(), ...replied }] as const,
    ),
    ...list(entry.to).map((to) => [`${to}.${name}.receive`, { action: 'receive', ...heard, ...replied }] as const),
  ];
}

export function asyncApiDocument(version: string): Json {
  const all = Object.entries(contract) as [MessageName, Entry][];
  const messages = all.flatMap(([name, entry]) =>
    bodies(name, entry).map(([own, schema]) => [own, message(own, entry, schema)] as const),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Overseer on the bus',
      version,
      description:
        'Every message between the core and its nodes, over NATS. See SUBJECTS.md for rights and streams. Large bodies of ' +
        'requests, answers and reports are gzip: then the header Overseer-Encoding says so, and Overseer-Size the size of the body.',
      tags: PRINCIPALS.map((name) => ({ name })),
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(all.flatMap(([name, entry]) => channel(name, entry))),
    operations: Object.fromEntries(all.flatMap(([name, entry]) => operations(name, entry))),
    components: { messages: Object.fromEntries(messages) },
  };
}
