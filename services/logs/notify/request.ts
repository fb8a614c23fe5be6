// A message as each kind of target takes it: address, headers, body. A webhook is signed over the time and the very bytes
// of the body, so that nobody can send an old one again unseen.
import { createHmac } from 'node:crypto';
import type { NotificationKind, Severity } from '#subjects/schema/notification.ts';
import type { Message } from './words.ts';

/** What is sealed of a target. */
export interface Address {
  readonly url: string;
  readonly secret: string | null;
}

export interface TargetRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export const DELIVERY_HEADER = 'overseer-delivery';
export const SIGNATURE_HEADER = 'overseer-signature';

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_MAX = 3000;
const NTFY_PRIORITY: Readonly<Record<Severity, number>> = { info: 3, warning: 4, error: 5 };
const NTFY_TAG: Readonly<Record<Severity, string>> = {
  info: 'white_check_mark',
  warning: 'warning',
  error: 'rotating_light',
};
const GOTIFY_PRIORITY: Readonly<Record<Severity, number>> = { info: 2, warning: 5, error: 8 };

export function signature(secret: string, seconds: number, body: Buffer): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

function cloudEvent(id: string, { condition, at, node, stack, ...data }: Message): object {
  return {
    specversion: '1.0',
    id,
    type: `dev.overseer.notification.${condition}.v1`,
    source: 'logs',
    ...(node ? { subject: `nodes/${node.id}` } : stack ? { subject: `stacks/${stack}` } : {}),
    time: at,
    datacontenttype: 'application/json',
    ...(stack ? { stack } : {}),
    data: { condition, node, stack, ...data },
  };
}

const lines = ({ title, text, link }: Message) =>
  [title, text, link]
    .filter((line) => line)
    .join('\n')
    .slice(0, TEXT_MAX)
    .toWellFormed();
/** Slack reads these three as markup. */
const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const bearer = (secret: string | null) => (secret === null ? {} : { authorization: `Bearer ${secret}` });

type Plain = { readonly url: URL; readonly headers?: Readonly<Record<string, string>>; readonly json: object };

/** By JSON rather than by headers, which hold no letters beyond ASCII. */
function ntfy({ url, secret }: Address, message: Message): Plain {
  const parsed = new URL(url);
  const path = parsed.pathname.replace(/\/+$/, '').split('/');
  const topic = decodeURIComponent(path.pop() ?? '');
  parsed.pathname = `${path.join('/')}/`;
  const { title, text, link, severity } = message;
  const more = { priority: NTFY_PRIORITY[severity], tags: [NTFY_TAG[severity]], ...(link ? { click: link } : {}) };
  return { url: parsed, headers: bearer(secret), json: { topic, title, message: text || title, ...more } };
}

function gotify({ url, secret }: Address, message: Message): Plain {
  const parsed = new URL(url);
  if (!parsed.pathname.endsWith('/message')) parsed.pathname = `${parsed.pathname.replace(/\/+$/, '')}/message`;
  const { title, severity, text, link } = message;
  const json = {
    title,
    message: [text || title, link].filter(Boolean).join('\n'),
    priority: GOTIFY_PRIORITY[severity],
  };
  return { url: parsed, headers: secret === null ? {} : { 'x-gotify-key': secret }, json };
}

function plain(kind: NotificationKind, address: Address, id: string, message: Message): Plain {
  switch (kind) {
    case 'webhook':
      return {
        url: new URL(address.url),
        headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
        json: cloudEvent(id, message),
      };
    case 'slack':
      return { url: new URL(address.url), json: { text: escaped(lines(message)) } };
    case 'discord':
      // Nobody is called by what a name or a reason happens to hold.
      return {
        url: new URL(address.url),
        json: { content: lines(message).slice(0, 1900).toWellFormed(), allowed_mentions: { parse: [] } },
      };
    case 'ntfy':
      return ntfy(address, message);
    case 'gotify':
      return gotify(address, message);
    default:
      return kind satisfies never;
  }
}

export function requestFor(
  kind: NotificationKind,
  address: Address,
  { id, message, now }: { readonly id: string; readonly message: Message; readonly now: Date },
): TargetRequest {
  const { url, headers = {}, json } = plain(kind, address, id, message);
  const body = Buffer.from(JSON.stringify(json));
  const seconds = Math.floor(now.getTime() / 1000);
  const signed =
    kind === 'webhook' && address.secret !== null
      ? { [SIGNATURE_HEADER]: signature(address.secret, seconds, body) }
      : {};
  return { url, headers: { 'content-type': JSON_TYPE, ...headers, [DELIVERY_HEADER]: id, ...signed }, body };
}
