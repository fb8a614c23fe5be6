// Answers about where stacks come from: a look by hand, a forge's webhook, and what to give a forge.
import { record } from '#infra/postgres/audit.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Actor } from '#subjects/schema/actor.ts';
import type { GitHook, GitHookAnswer, SyncStack, SyncStackAnswer, WebhookSecret } from '#subjects/schema/source.ts';
import { lookAtImages } from '../images/look.ts';
import { livingStack } from '../stacks.ts';
import { findStack } from '../store/stacks.ts';
import { hookMeaning } from './hook.ts';
import { lookAtSource } from './look.ts';
import type { LookParts } from './parts.ts';
import type { Rounds } from './rounds.ts';

async function syncStack(parts: LookParts, { by, name }: SyncStack): Promise<SyncStackAnswer> {
  const { database, issuer } = parts;
  const before = await database.read((em) => livingStack(em, name));
  const source = await lookAtSource(parts, name, by, true);
  const images = await lookAtImages(parts, name, by, true);
  return database.transaction(async (em) => {
    const row = await livingStack(em, name);
    const changed = source.changed || images.changed;
    const reason = changed ? null : source.reason;
    const detail = { changed, revision: row.revision, deployment: row.deployment ?? null };
    const what = { actor: by, action: 'stack.sync', object: `stacks/${name}`, outcome: 'accepted', detail } as const;
    await record(em, 'scheduler', what, issuer.now());
    return {
      ...{ name, revision: row.revision, deployment: row.deployment ?? null },
      changed: changed && row.deployment !== before.deployment,
      ...(reason === null ? {} : { reason }),
      source: row.sourceState ?? null,
      images: row.imageState,
    };
  });
}

/** The same hook once more is a look that finds nothing new. */
async function gitHook(parts: LookParts, rounds: Rounds, hook: GitHook): Promise<GitHookAnswer> {
  const { database, issuer, origins } = parts;
  const { name, signature, token } = hook;
  const body = Buffer.from(hook.body, 'base64');
  const actor: Actor = { kind: 'system', id: 'webhook', requestId: issuer.newId() };
  const object = `stacks/${name}`;
  const tell = (outcome: 'accepted' | 'refused', reason: string | null) => {
    const code = outcome === 'refused' ? 'unauthorized' : null;
    const what = { actor, action: 'stack.hook', object, outcome, code, detail: { reason } } as const;
    return database.transaction((em) => record(em, 'scheduler', what, issuer.now()));
  };
  const refuse = async (reason: string): Promise<GitHookAnswer> => {
    await tell('refused', reason);
    return { accepted: false, reason };
  };
  if (!origins.webhooks.isGenuine(name, { signature, token, body })) return refuse('the signature does not match');
  const row = await database.read((em) => findStack(em, name));
  if (!row || row.removedAt) return refuse('there is no such stack');
  if (row.settings.source === null) return refuse('the stack does not come from git');
  const meaning = hookMeaning(body.toString('utf8'), row.settings.source);
  const reason = meaning.look ? null : meaning.reason;
  if (meaning.look) await rounds.hurry(name, 'git');
  await tell('accepted', reason);
  return { accepted: true, reason };
}

async function webhookSecret({ database, origins }: LookParts, name: string): Promise<WebhookSecret> {
  const row = await database.read((em) => livingStack(em, name));
  if (row.settings.source === null) {
    throw new OverseerError('source-unusable', `stack ${name} does not come from git, so no forge has to know of it`);
  }
  return { name, path: `/api/hooks/git/${name}`, secret: origins.webhooks.secretOf(name) };
}

export function sourceHandlers(parts: LookParts, rounds: Rounds) {
  return {
    syncStack: (input: SyncStack) => syncStack(parts, input),
    gitHook: (input: GitHook) => gitHook(parts, rounds, input),
    webhookSecret: ({ name }: { name: string }) => webhookSecret(parts, name),
  };
}
