// What operators ask of notifications: targets set, listed, tried out, removed; messages looked at and taken up again.
import { randomBytes } from 'node:crypto';
import { isForbiddenAddress } from '#infra/outbound/link-local.ts';
import { record } from '#infra/postgres/audit.ts';
import type { EntityManager } from '#infra/postgres/orm.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type {
  ListDeliveries,
  Notification,
  NotificationAnswer,
  NotificationDeliveries,
  NotificationSpec,
  NotificationTest,
  PutNotification,
} from '#subjects/schema/notification.ts';
import { wants } from './choice.ts';
import type { NotifyParts } from './parts.ts';
import type { Address } from './request.ts';
import { send } from './send.ts';
import { forgetAlarms, signalsKept } from './store/alarms.ts';
import { deliveries, takeUpAgain } from './store/deliveries.ts';
import { findTarget, lockTarget, notificationViews, putTarget, removeTarget, type Target } from './store/targets.ts';
import { testMessage } from './words.ts';

const PAGE = 100;
const TARGETS_MAX = 100;
const SECRET_BYTES = 32;

const missing = (name: string) => new OverseerError('not-found', `there is no notification target ${name}`);
const invalid = (path: string, detail: string) => new OverseerError('invalid-input', detail, { fields: { path } });

function audit(
  em: EntityManager,
  by: Actor,
  verb: string,
  name: string,
  detail: Record<string, string | number | null>,
) {
  const what = { actor: by, action: `notification.${verb}`, object: `notifications/${name}`, detail } as const;
  return record(em, 'logs', { ...what, outcome: 'accepted' });
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function checked(kind: NotificationSpec['kind'], url: string | undefined): string {
  if (url === undefined) throw invalid('url', 'a new target needs a url');
  const { hostname, pathname, username, password } = new URL(url);
  if (isForbiddenAddress(hostname)) {
    throw invalid('url', `${hostname} is a link-local or metadata address, which is never asked`);
  }
  if (kind === 'ntfy' && /^\/*$/.test(pathname)) throw invalid('url', 'the url of ntfy ends with its topic');
  for (const part of [username, password, ...(kind === 'ntfy' ? [pathname] : [])]) {
    if (!isDecodable(part)) throw invalid('url', 'the url holds a % that begins no escape');
  }
  return url;
}

interface Wanted {
  readonly address: Address;
  /** Made just now. */
  readonly made: string | null;
}

/** What is left out stays, but no secret follows an address to another host; a webhook that nobody gave one gets one. */
async function wanted(parts: NotifyParts, spec: NotificationSpec, existing: Target | null): Promise<Wanted> {
  const known = existing === null ? null : await parts.vault.open(existing.sealed).catch(() => null);
  const url = checked(spec.kind, spec.url ?? known?.url);
  const kept = existing?.kind === spec.kind ? (known?.secret ?? null) : null;
  const isMoved = known !== null && new URL(known.url).origin !== new URL(url).origin;
  if (kept !== null && isMoved && spec.secret === undefined) {
    throw invalid('secret', 'the url leads to another host, which is not shown the secret of this one: give it again');
  }
  const given = spec.secret ?? kept;
  const made = spec.kind === 'webhook' && given === null ? randomBytes(SECRET_BYTES).toString('base64url') : null;
  return { address: { url, secret: given ?? made }, made };
}

export async function put(parts: NotifyParts, { by, name, spec }: PutNotification): Promise<NotificationAnswer> {
  const { kind, choice = {}, thresholds = {} } = spec;
  if (spec.secret !== undefined && (kind === 'slack' || kind === 'discord')) {
    throw invalid('secret', `${kind} has no secret beside its url`);
  }
  return parts.database.transaction(async (em) => {
    const existing = await lockTarget(em, name);
    if (existing === null && (await notificationViews(em)).length >= TARGETS_MAX) {
      throw new OverseerError('policy-refused', `there are ${TARGETS_MAX} targets already`);
    }
    const { address, made } = await wanted(parts, spec, existing);
    const { protocol, host } = new URL(address.url);
    const now = parts.now();
    await putTarget(em, {
      ...{ name, kind, choice, thresholds, hasSecret: address.secret !== null },
      sealed: await parts.vault.seal(address),
      address: `${protocol}//${host}`,
      createdAt: existing?.createdAt ?? now,
      updatedAt: now,
      updatedBy: `${by.kind}:${by.id}`,
    });
    // What it wants to hear of no more is not told to it later either.
    const unwanted = (await signalsKept(em, name)).filter((signal) => !wants(choice, signal));
    const keys = unwanted.map(({ key }) => key);
    await forgetAlarms(em, name, keys);
    await audit(em, by, 'put', name, { kind, host });
    const [view] = await notificationViews(em, name);
    return { ...(view as Notification), secret: made };
  });
}

export async function list({ database }: NotifyParts): Promise<{ items: Notification[] }> {
  return { items: await database.read((em) => notificationViews(em)) };
}

export async function one({ database }: NotifyParts, name: string): Promise<Notification> {
  const [view] = await database.read((em) => notificationViews(em, name));
  if (!view) throw missing(name);
  return view;
}

export async function remove({ database }: NotifyParts, by: Actor, name: string): Promise<void> {
  await database.transaction(async (em) => {
    if (!(await removeTarget(em, name))) throw missing(name);
    await audit(em, by, 'remove', name, {});
  });
}

export async function test(
  parts: NotifyParts,
  by: Actor,
  name: string,
  signal: AbortSignal,
): Promise<NotificationTest> {
  const target = await parts.database.read((em) => findTarget(em, name));
  if (target === null) throw missing(name);
  const address = await parts.vault.open(target.sealed);
  const now = parts.now();
  const message = testMessage(name, parts.publicUrl, now.getTime());
  const { status, error } = await send(target.kind, address, { id: parts.newId(), message, now }, signal);
  await parts.database.transaction((em) => audit(em, by, 'test', name, { status, error }));
  return { delivered: error === null, status, error };
}

export async function deliveryPage(
  { database }: NotifyParts,
  { name, state, limit = PAGE, cursor }: ListDeliveries,
): Promise<NotificationDeliveries> {
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw invalid('cursor', 'the cursor does not come from here');
  const before = cursor === undefined ? null : Number(cursor);
  const rows = await database.read(async (em) => {
    if ((await findTarget(em, name)) === null) throw missing(name);
    return deliveries(em, name, { state: state ?? null, before, limit: limit + 1 });
  });
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ view }) => view),
    nextCursor: rows.length > limit ? (page.at(-1)?.sequence ?? null) : null,
  };
}

export async function retry(parts: NotifyParts, by: Actor, name: string, id: string): Promise<void> {
  await parts.database.transaction(async (em) => {
    if (!(await takeUpAgain(em, name, id, parts.now()))) {
      throw new OverseerError('not-found', 'there is no message of this id that waits or was given up');
    }
    await audit(em, by, 'retry', name, { delivery: id });
  });
}
