// The four kinds of message and their constructors. A template's `{parameter}` becomes a required, typed parameter.
import type * as z from 'zod/mini';
import type { Principal, Service } from './principals.ts';

export type SubjectParameters<S extends string> = S extends `${string}{${infer P}}${infer Rest}`
  ? { readonly [K in P]: string } & SubjectParameters<Rest>
  : unknown;

/** Streams in STORE; their settings are in streams.ts. */
export const STREAMS = [
  'DESIRED',
  'NODE_EVENTS',
  'NODE_AUDIT',
  'NODE_REPORTS',
  'NODE_LOGS',
  'EVENTS',
  'AUDIT',
] as const;
export type StreamName = (typeof STREAMS)[number];

type Schema = z.ZodMiniType;

interface Common<S extends string> {
  readonly subject: S;
  /** One sentence: who sends it, who acts, what happens when it is lost. */
  readonly doc: string;
}

/** Ask one, wait for one answer. Not kept. */
export interface Request<S extends string = string, I extends Schema = Schema, O extends Schema = Schema>
  extends Common<S> {
  readonly kind: 'request';
  readonly from: readonly Principal[];
  readonly to: Service | 'node';
  readonly input: I;
  readonly output: O;
  /** A record is kept before the answer. */
  readonly audited: boolean;
}

/** A fact in the past tense, at least once, kept in a stream. */
export interface Event<S extends string = string, B extends Schema = Schema> extends Common<S> {
  readonly kind: 'event';
  readonly from: readonly Principal[];
  readonly to: readonly Principal[];
  readonly schema: B;
  readonly stream: StreamName;
  /**
   * Large bodies travel packed and grow to this at most. Left out: they travel as they are, because third parties read
   * them, or because what they say is handed on in a message of the same size.
   */
  readonly unpackedMaxBytes?: number;
}

/** Lossy telemetry, not kept. */
export interface Feed<S extends string = string, B extends Schema = Schema> extends Common<S> {
  readonly kind: 'feed';
  /** A node tells a service, or a service tells all nodes: then its `{service}` is the third token. */
  readonly from: 'node' | Service;
  readonly to: 'node' | Service;
  readonly schema: B;
}

/** The last value wins: one message a subject, pushed again after it is stored. The body is signed bytes. */
export interface State<S extends string = string, P extends string = string, B extends Schema = Schema>
  extends Common<S> {
  readonly kind: 'state';
  /** Where the stored value is pushed. Nobody listens on `subject`: refused writes are seen there. */
  readonly push: P;
  readonly from: Service;
  readonly to: 'node';
  readonly schema: B;
  readonly stream: StreamName;
}

export type Entry = Request | Event | Feed | State;

type Fields<T> = Omit<T, 'kind' | 'subject'>;

export function request<const S extends string, I extends Schema, O extends Schema>(
  subject: S,
  fields: Fields<Request<S, I, O>>,
): Request<S, I, O> {
  return { kind: 'request', subject, ...fields };
}

export function event<const S extends string, B extends Schema>(subject: S, fields: Fields<Event<S, B>>): Event<S, B> {
  return { kind: 'event', subject, ...fields };
}

export function feed<const S extends string, B extends Schema>(subject: S, fields: Fields<Feed<S, B>>): Feed<S, B> {
  return { kind: 'feed', subject, ...fields };
}

export function state<const S extends string, const P extends string, B extends Schema>(
  subject: S,
  fields: Fields<State<S, P, B>>,
): State<S, P, B> {
  return { kind: 'state', subject, ...fields };
}
