// The OpenAPI document, made from the routes.
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { components } from './components.ts';

interface Overridden {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string; readonly format?: unknown } } };
  readonly jsonSchema: Record<string, unknown>;
}

/** Bounds of every JavaScript number, and a date's expression of 300 characters, tell a reader nothing. */
function override({ jsonSchema }: Overridden): void {
  if (jsonSchema['format'] === 'date-time') delete jsonSchema['pattern'];
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  if (jsonSchema['multipleOf'] === 1) {
    delete jsonSchema['multipleOf'];
    jsonSchema['type'] = 'integer';
  }
}

const options = { schemaRegistry: components, zodToJsonConfig: { override: override as never } };
const transformRoute = createJsonSchemaTransform(options);
const transformDocument = createJsonSchemaTransformObject(options);

const problem = {
  description: 'It failed; `code` says why',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  '200': 'Done',
  '201': 'Made',
  '202': 'Stored; the nodes follow',
};

/** The generator of the document takes every body for a needed one; a mark carries the truth past it. */
const OPTIONAL_MARK = 'x-optional-body';

function isOptional(body: unknown): boolean {
  return (body as { _zod?: { def: { type: string } } } | undefined)?._zod?.def.type === 'optional';
}

type Transform = typeof transformRoute;

const transform: Transform = (document) => {
  const { schema, url } = transformRoute(document);
  const answers = (schema as { response?: Record<string, Record<string, unknown>> } | undefined)?.response;
  if (!schema || !answers) return { schema, url };
  const types = document.schema?.produces ?? ['application/json'];
  const described = Object.entries(answers).map(([status, answer]) => [
    status,
    {
      description: DESCRIPTIONS[status] ?? 'Done',
      content: Object.fromEntries(types.map((type) => [type, { schema: answer }])),
    },
  ]);
  const mark = isOptional(document.schema?.body) ? { [OPTIONAL_MARK]: true } : {};
  const response = { ...Object.fromEntries(described), default: problem };
  return { schema: { ...schema, ...mark, response } as never, url };
};

/** Input and output of our shapes are one and the same: one component each, in alphabetical order. */
function withoutTwins(document: Record<string, unknown>): Record<string, unknown> {
  const { schemas } = document['components'] as { schemas: Record<string, unknown> };
  const isTwin = (name: string) => name.endsWith('Input') && Object.hasOwn(schemas, name.slice(0, -'Input'.length));
  const kept = Object.entries(schemas)
    .filter(([name]) => !isTwin(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const whole = {
    ...document,
    components: { ...(document['components'] as object), schemas: Object.fromEntries(kept) },
  };
  return JSON.parse(JSON.stringify(whole), (key, value) => {
    if (typeof value === 'object' && value !== null && OPTIONAL_MARK in value) return unmarked(value);
    return key === '$ref' && typeof value === 'string' && isTwin(value.split('/').at(-1) ?? '')
      ? value.slice(0, -'Input'.length)
      : value;
  });
}

function unmarked({ [OPTIONAL_MARK]: _, ...operation }: Record<string, unknown>): Record<string, unknown> {
  return { ...operation, requestBody: { ...(operation['requestBody'] as object), required: false } };
}

export function swaggerOptions(version: string) {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Overseer',
        version,
        description: 'One control plane for many Docker hosts. Every failure is a problem document with a `code`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This core' }],
      tags: [
        { name: 'nodes', description: 'Machines and the rights to add one' },
        { name: 'stacks', description: 'What should run, and where' },
        { name: 'secrets', description: 'Values that only nodes can read' },
        { name: 'deployments', description: 'A revision on its way to its nodes' },
        { name: 'events', description: 'What happened' },
        { name: 'logs', description: 'What containers said' },
        { name: 'audit', description: 'Who did what' },
        { name: 'core', description: 'The core itself' },
      ],
      security: [{ bearer: [] }, { session: [] }],
      components: {
        securitySchemes: {
          bearer: { type: 'http' as const, scheme: 'bearer', description: 'The admin token' },
          session: { type: 'apiKey' as const, in: 'cookie' as const, name: 'overseer-session' },
        },
      },
    },
    transform,
    transformObject: (document: Parameters<typeof transformDocument>[0]) =>
      withoutTwins(transformDocument(document) as Record<string, unknown>) as never,
  };
}
