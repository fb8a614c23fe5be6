// Two thousand requests made from the OpenAPI document, right ones, nearly right ones and nonsense: no 5xx, nothing hangs,
// every failure is a problem document, every success has the shape that the document says.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { ERROR_CODES, type ErrorCode, OverseerError } from '#subjects/errors.ts';
import { startTestGateway, type TestGateway, TOKEN } from './gateway.ts';

const RUNS = 2000;
const HANGS_AFTER_MS = 5_000;

interface Shape {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Record<string, Shape>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly query: readonly { readonly name: string; readonly schema: Shape }[];
  readonly body: Shape | null;
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '\u0000', '../..', '%2e%2e', '__proto__', 'constructor', '>', '*', '$(id)', '\u202e', '\ud800'),
  fc.string({ minLength: 200, maxLength: 3000 }),
);
const nonsense: fc.Arbitrary<unknown> = fc.oneof(
  nasty,
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.bigInt().map(Number),
);
const seldom = <T, N>(arbitrary: fc.Arbitrary<T>, otherwise: N): fc.Arbitrary<T | N> =>
  fc.oneof({ weight: 1, arbitrary }, { weight: 9, arbitrary: fc.constant(otherwise) });
const KNOWN = [
  'a'.repeat(26),
  'web',
  'edge',
  '1',
  `U${'A'.repeat(55)}`,
  '2026-11-23T20:00:00.000Z',
  `age1${'q'.repeat(58)}`,
  'restart',
];

describe('any request', () => {
  let gateway: TestGateway;
  let schemas: Record<string, Shape>;
  let operations: Operation[];
  before(async () => {
    gateway = await startTestGateway();
    const document = JSON.parse(JSON.stringify(gateway.app.swagger()));
    schemas = document.components.schemas;
    operations = Object.entries<Record<string, Record<string, never>>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        query: ((operation['parameters'] ?? []) as { in: string; name: string; schema: Shape }[]).filter(
          (parameter) => parameter.in === 'query',
        ),
        body: (operation['requestBody']?.['content']?.['application/json']?.['schema'] as Shape | undefined) ?? null,
      })),
    );
  });
  after(() => gateway.stop());

  const ownOf = (shape: Shape): Shape => (shape.$ref ? (schemas[shape.$ref.split('/').at(-1) ?? ''] ?? {}) : shape);

  /** Mostly what fits, now and then what does not. */
  function arbitraryOf(shape: Shape, depth = 0): fc.Arbitrary<unknown> {
    const own = ownOf(shape);
    const fits = (): fc.Arbitrary<unknown> => {
      const choices = own.anyOf ?? own.oneOf;
      if (choices) return fc.oneof(...choices.map((choice) => arbitraryOf(choice, depth + 1)));
      if (own.enum) return fc.constantFrom(...own.enum);
      if ('const' in own) return fc.constant(own.const);
      const type = Array.isArray(own.type) ? own.type[0] : own.type;
      if (type === 'integer' || type === 'number') return fc.oneof(fc.nat(1200), fc.integer(), fc.constant(1));
      if (type === 'boolean') return fc.boolean();
      if (type === 'array') return fc.array(arbitraryOf(own.items ?? {}, depth + 1), { maxLength: 3 });
      if (type === 'object' && own.properties) {
        const fields = Object.entries(own.properties).map(([key, of]) => [key, arbitraryOf(of, depth + 1)] as const);
        return fc.record(Object.fromEntries(fields), { requiredKeys: [...(own.required ?? [])] as never[] });
      }
      if (type === 'object') {
        const value = typeof own.additionalProperties === 'object' ? own.additionalProperties : {};
        return fc.dictionary(
          fc.oneof({ weight: 12, arbitrary: fc.constantFrom('role', 'a.b') }, { weight: 1, arbitrary: nasty }),
          arbitraryOf(value, depth + 1),
          {
            maxKeys: 3,
          },
        );
      }
      const fitting = KNOWN.filter((text) => own.pattern === undefined || new RegExp(own.pattern).test(text));
      const known = fc.constantFrom(...(fitting.length > 0 ? fitting : KNOWN));
      return fc.oneof({ weight: 12, arbitrary: known }, { weight: 1, arbitrary: nasty });
    };
    return fc.oneof({ weight: 40, arbitrary: fits() }, { weight: 1, arbitrary: nonsense });
  }

  const parameter = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('right', ...KNOWN) },
    { weight: 1, arbitrary: nasty },
  );
  const RIGHT: Readonly<Record<string, string>> = {
    ...{ '{id}': 'a'.repeat(26), '{name}': 'web', '{revision}': '1', '{action}': 'restart' },
  };
  const safe = (text: string) => encodeURIComponent(text.toWellFormed());

  function requestOf(operation: Operation) {
    return fc.record({
      operation: fc.constant(operation),
      address: parameter,
      query: fc.record(
        Object.fromEntries(operation.query.map(({ name, schema }) => [name, arbitraryOf(schema).map(String)] as const)),
        { requiredKeys: [] },
      ),
      body: operation.body === null ? seldom(nonsense, undefined) : arbitraryOf(operation.body),
      raw: seldom(fc.oneof(nasty, fc.constantFrom('{"a":', '[[[[', '\u00ff\u00fe', '{"__proto__":1}')), null),
      type: fc.oneof(
        { weight: 12, arbitrary: fc.constant('application/json') },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'text/plain',
            'application/xml',
            'multipart/form-data',
            '',
            'application/json; charset=utf-16',
          ),
        },
      ),
      refusal: seldom(
        fc.constantFrom(...(Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => ERROR_CODES[code].status < 500)),
        null,
      ),
    });
  }

  function misfit(shape: Shape, value: unknown, at = '$'): string | null {
    const own = ownOf(shape);
    const choices = own.anyOf ?? own.oneOf;
    if (choices)
      return choices.some((choice) => misfit(choice, value, at) === null) ? null : `${at}: none of the choices`;
    if (own.enum && !own.enum.includes(value)) return `${at}: ${String(value)}`;
    const types = own.type === undefined ? [] : [own.type].flat();
    const kind =
      value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
    if (types.length > 0 && !types.includes(kind) && !(kind === 'integer' && types.includes('number')))
      return `${at}: ${kind}`;
    if (kind === 'array')
      return (value as unknown[]).map((item) => misfit(own.items ?? {}, item, `${at}[]`)).find((f) => f) ?? null;
    if (kind !== 'object' || !own.properties) return null;
    const entries = Object.entries(value as object);
    const missing = (own.required ?? []).find((key) => !Object.hasOwn(value as object, key));
    if (missing) return `${at}.${missing}: missing`;
    const extra = entries.find(([key]) => own.additionalProperties === false && !own.properties?.[key]);
    if (extra) return `${at}.${extra[0]}: unknown`;
    return entries.map(([key, of]) => misfit(own.properties?.[key] ?? {}, of, `${at}.${key}`)).find((f) => f) ?? null;
  }

  test('is answered as the document says', { timeout: 240_000 }, async () => {
    const statuses = new Map<number, number>();
    const document = JSON.parse(JSON.stringify(gateway.app.swagger()));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(...operations.map(requestOf)),
        async ({ operation, address, query, body, raw, type, refusal }) => {
          const { method } = operation;
          const path = operation.path.replace(/\{\w+\}/g, (name) =>
            /^[a-z.]+$/.test(address) ? (RIGHT[name] ?? '') : safe(address) || '%20',
          );
          const search = new URLSearchParams(query as Record<string, string>).toString();
          const payload =
            method === 'GET' ? null : (raw ?? (body === undefined ? null : (JSON.stringify(body) ?? null)));
          // Each request has an address of its own, so that no limit on calls gets in between.
          gateway.bus.answers = new Proxy(
            {},
            {
              get: () =>
                refusal === null
                  ? undefined
                  : () => {
                      throw new OverseerError(refusal, 'refused');
                    },
            },
          );
          const response = await gateway.app.inject({
            method: method as 'GET',
            url: `${path}${search === '' ? '' : `?${search}`}`,
            remoteAddress: `10.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}`,
            headers: {
              authorization: `Bearer ${TOKEN}`,
              ...(payload === null || type === '' ? {} : { 'content-type': type }),
            },
            ...(payload === null ? {} : { payload }),
            signal: AbortSignal.timeout(HANGS_AFTER_MS),
          });
          const status = response.statusCode;
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          const told = `${method} ${path}: ${status} ${response.body.slice(0, 300)}`;
          assert.ok(status < 500, told);
          if (status >= 400) {
            assert.match(String(response.headers['content-type']), /^application\/problem\+json/, told);
            assert.ok(Object.hasOwn(ERROR_CODES, response.json().code), told);
            return;
          }
          const answers = document.paths[operation.path][method.toLowerCase()].responses;
          const content = answers[status]?.content ?? {};
          const isText = !Object.hasOwn(content, 'application/json') && Object.keys(content).length > 0;
          const answered = String(response.headers['content-type']).split(';')[0] ?? '';
          if (isText) return assert.ok(Object.hasOwn(content, answered), `${told}: the document knows no ${answered}`);
          const shape = content['application/json']?.schema;
          assert.ok(shape, `${told}: the document knows no ${status}`);
          assert.equal(misfit(shape, response.json()), null, told);
        },
      ),
      { numRuns: RUNS, timeout: HANGS_AFTER_MS, verbose: 1 },
    );
    const share = (from: number, to: number) =>
      [...statuses].filter(([status]) => status >= from && status < to).reduce((sum, [, count]) => sum + count, 0) /
      RUNS;
    // A fuzzer that is always refused at the door tests the door alone.
    assert.ok(share(200, 300) > 0.15, JSON.stringify([...statuses]));
    assert.ok(share(400, 500) > 0.15, JSON.stringify([...statuses]));
  });
});
