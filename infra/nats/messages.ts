// Bodies and headers on the wire. Every body is checked against the contract where it leaves and where it arrives; what
// does not match is counted, told once and dropped.
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import * as z from 'zod/mini';
import type { Logger } from '#infra/logger.ts';
import type { MessageName } from '#subjects/contract.ts';
import { isErrorCode, OverseerError } from '#subjects/errors.ts';
import type { SpoolPosition } from './bus.ts';
import { pack, unpack } from './packing.ts';
import type { Room } from './room.ts';

const EPOCH = 'Overseer-Epoch';
const SEQUENCE = 'Overseer-Seq';
const ERROR = 'Overseer-Error';
const GENERATION = 'Overseer-Generation';
const ENCODING = 'Overseer-Encoding';
const SIZE = 'Overseer-Size';

const EPOCH_PATTERN = /^[a-z2-7]{26}$/;

export type Rejected = (name: MessageName, reason: string) => void;

/** Counts each, logs each kind once. */
export function rejections(log: Logger, count?: Rejected): Rejected {
  const told = new Set<string>();
  return (name, reason) => {
    count?.(name, reason);
    const kind = `${name} ${reason}`;
    if (told.has(kind) || told.size >= 1000) return;
    told.add(kind);
    log.warn({ message: name, reason }, 'a message on the bus does not match its schema and is dropped');
  };
}

type Schema = z.ZodMiniType;

/** Where the first fault is and what it is; no content of the message. */
function faultOf(error: z.core.$ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.map((part) => (typeof part === 'number' ? '[]' : String(part))).join('.') || '(body)'}: ${issue?.code}`;
}

/** @throws OverseerError `internal`: what we send ourselves must match */
export function encodeBody(name: MessageName, schema: Schema, body: unknown): string {
  const parsed = z.safeParse(schema, body);
  if (parsed.success) return JSON.stringify(parsed.data);
  throw new OverseerError('internal', `${name} does not match its schema: ${faultOf(parsed.error)}`);
}

export type Decoded = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly reason: string };

export function decodeBody(schema: Schema, payload: Uint8Array): Decoded {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
  const parsed = z.safeParse(schema, content);
  return parsed.success ? { ok: true, body: parsed.data } : { ok: false, reason: faultOf(parsed.error) };
}

export interface Wire {
  readonly payload: Uint8Array;
  readonly headers?: MsgHdrs;
}

/**
 * As it travels: packed when it is large.
 * @param sent headers that go with it anyway
 * @throws OverseerError `internal` when it does not match, `too-large` with the sizes
 */
export function encodeWire(name: MessageName, schema: Schema, body: unknown, room: Room, sent?: MsgHdrs): Wire {
  const { payload, packing } = pack(name, encodeBody(name, schema, body), room);
  if (packing === null) return { payload, ...(sent ? { headers: sent } : {}) };
  const told = sent ?? headers();
  told.set(ENCODING, packing.encoding);
  told.set(SIZE, String(packing.size));
  return { payload, headers: told };
}

export function decodeWire(schema: Schema, payload: Uint8Array, received: MsgHdrs | undefined, room: Room): Decoded {
  if (!received?.has(ENCODING)) return decodeBody(schema, payload);
  const packing = { encoding: received.get(ENCODING), size: wholeNumber(received.get(SIZE)) };
  const unpacked = unpack(payload, packing, room);
  return unpacked.ok ? decodeBody(schema, unpacked.payload) : unpacked;
}

export function positionHeaders(position: SpoolPosition | undefined): MsgHdrs {
  const sent = headers();
  if (position) {
    sent.set(EPOCH, position.epoch);
    sent.set(SEQUENCE, String(position.sequence));
  }
  return sent;
}

function wholeNumber(text: string | undefined): number | null {
  const value = Number(text);
  return text !== undefined && /^\d{1,15}$/.test(text) ? value : null;
}

export function positionOf(received: MsgHdrs | undefined): SpoolPosition | null {
  const epoch = received?.get(EPOCH);
  const sequence = wholeNumber(received?.get(SEQUENCE));
  return epoch && EPOCH_PATTERN.test(epoch) && sequence !== null ? { epoch, sequence } : null;
}

export function generationHeaders(generation: number): MsgHdrs {
  const sent = headers();
  sent.set(GENERATION, String(generation));
  return sent;
}

export const generationOf = (received: MsgHdrs | undefined) => wholeNumber(received?.get(GENERATION));

/** A number that the server wrote into a header. */
export const serverNumber = (received: MsgHdrs | undefined, name: string) => wholeNumber(received?.get(name)) ?? 0;

const ErrorBody = z.object({ detail: z.string(), fields: z.record(z.string(), z.unknown()) });
/** A refusal must always fit: one that can't be sent would be a silence until the asker's time is up. */
const DETAIL_MAX_CHARACTERS = 16 * 1024;
const FIELDS_MAX_CHARACTERS = 128 * 1024;

export function encodeError(error: OverseerError): { readonly headers: MsgHdrs; readonly payload: string } {
  const sent = headers();
  sent.set(ERROR, error.code);
  const fields = JSON.stringify(error.fields).length > FIELDS_MAX_CHARACTERS ? {} : error.fields;
  return { headers: sent, payload: JSON.stringify({ detail: error.message.slice(0, DETAIL_MAX_CHARACTERS), fields }) };
}

export function errorIn(received: MsgHdrs | undefined, payload: Uint8Array): OverseerError | null {
  const code = received?.get(ERROR);
  if (!code) return null;
  const decoded = decodeBody(ErrorBody, payload);
  const { detail, fields } = decoded.ok
    ? (decoded.body as z.infer<typeof ErrorBody>)
    : { detail: 'no detail', fields: {} };
  return new OverseerError(isErrorCode(code) ? code : 'internal', detail, { fields });
}
