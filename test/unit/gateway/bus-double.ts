// The bus as the gateway sees it, without a server: what it is asked must match the contract, and so does what it answers.
import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import type { Bus, LiveMessage, RequestName } from '#infra/nats/bus.ts';
import { contract } from '#subjects/contract.ts';
import type { AuditRecord } from '#subjects/schema/audit.ts';
import { exampleOf } from './example.ts';

export interface Asked {
  readonly name: RequestName;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into what was asked
  readonly input: any;
}

export interface BusDouble extends Bus {
  readonly asked: Asked[];
  readonly audit: AuditRecord[];
  readonly stored: LiveMessage[];
  /** Answers of this test; what it leaves out is answered by an example. Throwing refuses. */
  // biome-ignore lint/suspicious/noExplicitAny: each test answers in its own shape, which is checked
  answers: Partial<Record<RequestName, (input: any) => unknown>>;
  /** Set: audit records can't be kept. */
  auditFails: boolean;
  /** Stores an event and tells the followers. */
  publish(body: unknown): void;
}

export function busDouble(): BusDouble {
  const followers = new Set<(message: LiveMessage) => void>();
  const nothing = { stop: async () => {} };
  const unused = (): never => assert.fail('the gateway has no use for this');
  const double: BusDouble = {
    asked: [],
    audit: [],
    stored: [],
    answers: {},
    auditFails: false,
    publish(body) {
      const message = { name: 'nodeFact' as const, parameters: {}, body, streamSequence: double.stored.length + 1 };
      double.stored.push(message);
      for (const follower of followers) follower(message);
    },
    async request(name, _, input) {
      const { input: expected, output } = contract[name];
      // As on the wire.
      const sent = JSON.parse(JSON.stringify(input));
      assert.deepEqual(z.parse(expected, sent), sent, `what ${name} is asked`);
      double.asked.push({ name, input: sent });
      const answer = double.answers[name];
      return z.parse(output, answer ? await answer(sent) : exampleOf(output)) as never;
    },
    async emit(name, parameters, body) {
      assert.equal(name, 'auditRecord');
      assert.deepEqual(parameters, { service: 'gateway' });
      if (double.auditFails) throw new Error('no server');
      double.audit.push(z.parse(contract.auditRecord.schema, body));
      return double.audit.length;
    },
    follow(_, handle) {
      followers.add(handle);
      return { stop: async () => void followers.delete(handle) };
    },
    async history(_, from, limit) {
      const messages = double.stored.filter(({ streamSequence }) => streamSequence >= from).slice(0, limit);
      return { messages, lastSequence: double.stored.length };
    },
    onStatus: () => {},
    isConnected: true,
    flush: async () => {},
    close: async () => {},
    reconnect: async () => {},
    listen: () => nothing,
    serve: unused,
    tell: unused,
    consume: unused,
    put: unused,
    read: unused,
    watch: unused,
  };
  return double;
}
