// What each principal may publish and subscribe, computed from the contract. Allow lists only; a golden file shows them.
import { entries } from './contract.ts';
import type { Entry, StreamName } from './define.ts';
import { MAX_PAYLOAD_BYTES } from './limits.ts';
import { isNamed, isService, type Principal } from './principals.ts';
import { isLiveReceiver, streamPlan } from './streams.ts';
import { parametersOf, patternOf } from './subject.ts';

/** Replaced by the server with the user's own name; it must be a whole token, glued to others it is taken literally. */
const OWN_NAME = '{{name()}}';

export interface Template {
  readonly pub: readonly string[];
  readonly sub: readonly string[];
  /** Answers a principal that serves requests may give to each. */
  readonly responses: { readonly max: number; readonly ttlSeconds: number } | null;
  readonly subscriptions: number;
  readonly payloadBytes: number;
}

export function inboxPrefix(principal: Principal, name: string = principal): string {
  return `_INBOX.${isNamed(principal) ? name : principal}`;
}

export const directGet = (stream: StreamName, subject: string) => `$JS.API.DIRECT.GET.${stream}.${subject}`;
export const batchedGet = (stream: StreamName) => `$JS.API.DIRECT.GET.${stream}`;
export const next = (stream: string, durable: string) => `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`;
/** Five wildcards, not `>`: the longer form with domain and account hash names streams later. */
export const ack = (stream: string, durable: string) => `$JS.ACK.${stream}.${durable}.*.*.*.*.*`;

/** A subject as this principal speaks it: its own parameter is its name, all others are wildcards. */
function spoken(template: string, principal: Principal): string {
  const own: Record<string, string> = {};
  if (principal === 'node') own['node'] = OWN_NAME;
  if (isService(principal) && parametersOf(template).includes('service')) own['service'] = principal;
  return patternOf(template, own);
}

function published(entry: Entry, principal: Principal): string[] {
  switch (entry.kind) {
    case 'request':
      return entry.from.includes(principal) ? [spoken(entry.subject, principal)] : [];
    case 'feed':
      return entry.from === principal ? [spoken(entry.subject, principal)] : [];
    case 'event': {
      const rights = entry.from.includes(principal) ? [spoken(entry.subject, principal)] : [];
      if (!entry.to.includes(principal)) return rights;
      if (isLiveReceiver(principal)) return [...rights, batchedGet(entry.stream)];
      const durable = isNamed(principal) ? OWN_NAME : principal;
      return [...rights, next(entry.stream, durable), ack(entry.stream, durable)];
    }
    case 'state': {
      const subject = spoken(entry.subject, principal);
      if (entry.from === principal) return [subject, directGet(entry.stream, subject)];
      return entry.to === principal ? [directGet(entry.stream, subject)] : [];
    }
    default:
      return entry satisfies never;
  }
}

function subscribed(entry: Entry, principal: Principal): string[] {
  switch (entry.kind) {
    case 'request':
    case 'feed': {
      if (entry.to !== principal) return [];
      const subject = spoken(entry.subject, principal);
      return [isService(principal) ? `${subject} ${principal}` : subject];
    }
    case 'event': {
      const live = isLiveReceiver(principal) && entry.to.includes(principal);
      const republished = streamPlan(entry.stream).republish;
      return live && republished ? [republished.to] : [];
    }
    case 'state':
      return entry.to === principal ? [spoken(entry.push, principal)] : [];
    default:
      return entry satisfies never;
  }
}

const readerDurable = (call: string, stream: StreamName) => `$JS.API.CONSUMER.${call}.${stream}.${OWN_NAME}`;

/** Rights that no message gives: the tools that build and mend the bus itself. */
const TOOL_RIGHTS: Partial<Record<Principal, readonly string[]>> = {
  provisioner: ['$JS.API.>'],
  'reader-provisioner': (['EVENTS', 'AUDIT'] as const).flatMap((stream) => [
    readerDurable('DURABLE.CREATE', stream),
    readerDurable('DELETE', stream),
  ]),
  claims: ['$SYS.REQ.CLAIMS.UPDATE'],
};

export function template(principal: Principal): Template {
  const tools = TOOL_RIGHTS[principal] ?? [];
  const pub = entries.flatMap(([, entry]) => published(entry, principal));
  const sub = entries.flatMap(([, entry]) => subscribed(entry, principal));
  const answers = isService(principal) || principal === 'node';
  return {
    pub: [...new Set([...tools, ...pub])],
    sub: [...new Set([...sub, `${inboxPrefix(principal, OWN_NAME)}.>`])],
    responses: answers ? { max: 1, ttlSeconds: 30 } : null,
    subscriptions: isService(principal) ? -1 : 50,
    payloadBytes: MAX_PAYLOAD_BYTES,
  };
}
