// The bus as everybody sees it: messages by their name in the contract, bodies checked on both ends. The client library
// stays behind this interface.
import type * as z from 'zod/mini';
import type { Contract } from '#subjects/contract.ts';
import type { Event, Feed, Request, State, StreamName, SubjectParameters } from '#subjects/define.ts';

type NamesOf<K> = { [N in keyof Contract]: Contract[N] extends K ? N : never }[keyof Contract];
export type RequestName = NamesOf<Request>;
export type EventName = NamesOf<Event>;
export type FeedName = NamesOf<Feed>;
export type StateName = NamesOf<State>;

export type ParametersOf<N extends keyof Contract> = SubjectParameters<Contract[N]['subject']>;
export type InputOf<N extends RequestName> = z.infer<Contract[N]['input']>;
export type OutputOf<N extends RequestName> = z.infer<Contract[N]['output']>;
export type BodyOf<N extends EventName | FeedName> = z.infer<Contract[N]['schema']>;

/** Place of a node's message in that node's own spool: counts by one within an epoch. */
export interface SpoolPosition {
  readonly epoch: string;
  readonly sequence: number;
}

export interface Delivery<N extends EventName> {
  readonly name: N;
  readonly body: BodyOf<N>;
  /** From the subject, which the server enforced. */
  readonly parameters: ParametersOf<N>;
  readonly position: SpoolPosition | null;
  readonly deliveryCount: number;
  readonly streamSequence: number;
  /** When the server kept it, by its clock: no sender's clock has a part in it. */
  readonly storedAt: Date;
}

/** A stored message that can't be handled: kept by its receiver, then acknowledged, so that it blocks nobody. */
export interface DeadLetter {
  readonly stream: StreamName;
  readonly subject: string;
  readonly streamSequence: number;
  readonly payload: Uint8Array;
  readonly reason: string;
}

export interface ConsumeOptions<N extends EventName> {
  /** Returning acknowledges; throwing has it delivered again with back-off. Effects must be idempotent. */
  handle(delivery: Delivery<N>): Promise<void>;
  /** Why a body that fits its schema is none to handle, now or later: it is set aside at once. Null when it is one. */
  refuse?(body: BodyOf<N>): string | null;
  /** False: those of one subject side by side too, for a receiver to whom their order means nothing. */
  readonly isOrdered?: boolean;
  deadLetter(letter: DeadLetter): Promise<void>;
}

export interface StoredState {
  readonly payload: Uint8Array;
  readonly streamSequence: number;
  readonly generation: number | null;
}

export interface LiveMessage {
  readonly name: EventName;
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly streamSequence: number;
}

export interface Stoppable {
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export type BusStatus =
  | { readonly type: 'connected' | 'reconnected' | 'disconnected' }
  | { readonly type: 'refused'; readonly subject: string; readonly operation: string }
  /** The server refuses the credential (revoked, expired); the connection keeps trying with what `jwt()` returns. */
  | { readonly type: 'unauthorized'; readonly reason: string }
  | { readonly type: 'closed'; readonly reason: string };

export interface Bus {
  /** @throws OverseerError with the server's code; `unavailable` when nobody serves, `timeout` after `timeoutMs` (5 s). */
  request<N extends RequestName>(
    name: N,
    parameters: ParametersOf<N>,
    input: InputOf<N>,
    options?: { timeoutMs?: number },
  ): Promise<OutputOf<N>>;

  /** Answers requests. `own` fixes parameters (a node serves only its own subjects); services join their queue. */
  serve<N extends RequestName>(
    name: N,
    handle: (input: InputOf<N>, from: { parameters: ParametersOf<N>; replyTo: string }) => Promise<OutputOf<N>>,
    own?: Readonly<Record<string, string>>,
  ): Stoppable;

  /** Lossy. */
  tell<N extends FeedName>(name: N, parameters: ParametersOf<N>, body: BodyOf<N>): void;
  listen<N extends FeedName>(name: N, handle: (body: BodyOf<N>, parameters: ParametersOf<N>) => void): Stoppable;

  /**
   * Resolves with the stream sequence once stored. Throws `rate-limited` when the sender's own cap is reached,
   * `unavailable` or `timeout` otherwise: keep it and try again.
   */
  emit<N extends EventName>(
    name: N,
    parameters: ParametersOf<N>,
    body: BodyOf<N>,
    options?: { position?: SpoolPosition; timeoutMs?: number },
  ): Promise<number>;
  /** Several messages of one stream come through the one durable that its receiver has there: they are named together. */
  consume<N extends EventName>(names: N | readonly N[], options: ConsumeOptions<N>): Stoppable;

  /** Compare-and-set write of a state. @throws `conflict` when somebody else wrote after `expectedSequence`. */
  put<N extends StateName>(
    name: N,
    parameters: ParametersOf<N>,
    payload: Uint8Array,
    options: { expectedSequence: number; generation: number; timeoutMs?: number },
  ): Promise<number>;
  /** The stored value as it is; may be stale on a replica. Null when there is none. */
  read<N extends StateName>(name: N, parameters: ParametersOf<N>): Promise<StoredState | null>;
  /** Values as they are stored. Hints: only their signature says where they come from. */
  watch<N extends StateName>(
    name: N,
    own: Readonly<Record<string, string>>,
    handle: (payload: Uint8Array) => void,
  ): Stoppable;

  /** Stored messages of a stream as they come; the stream sequence orders them. */
  follow(stream: StreamName, handle: (message: LiveMessage) => void): Stoppable;
  /** Stored messages from `fromSequence` on, oldest first. `lastSequence` is the stream's end at that time. */
  history(
    stream: StreamName,
    fromSequence: number,
    limit: number,
  ): Promise<{ messages: LiveMessage[]; lastSequence: number }>;

  /** Also tells `connected` once when it is connected already. */
  onStatus(handle: (status: BusStatus) => void): void;
  readonly isConnected: boolean;
  /** Resolves when the server has seen all sent so far. */
  flush(): Promise<void>;
  /** Connects anew, with the credential as it is now. */
  reconnect(): Promise<void>;
  close(): Promise<void>;
}
