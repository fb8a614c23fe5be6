// A fact in one line, for people. Pure.
import type { Fact } from '../api/shapes.ts';
import { factName } from '../live/affected.ts';
import { bytes, plural } from '../parts/words.ts';

function part(fact: Fact, key: string): string {
  const value = fact.data[key];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function joined(...parts: string[]): string {
  return parts.filter((text) => text !== '').join(' · ');
}

/** `step finished`; facts of a deployment say of what. */
export function factTitle(type: string): string {
  const { domain, fact } = factName(type);
  return (domain === 'deployment' ? `deployment ${fact}` : fact).replaceAll('-', ' ');
}

/** How many differences; which secrets, with their versions; how much was pruned. */
function amount(fact: Fact): string {
  const { items, secrets, count, bytes: freed } = fact.data;
  if (Array.isArray(items)) return plural(items.length, 'difference');
  if (Array.isArray(secrets))
    return secrets
      .map((each: unknown) => {
        const { name, version } = (each ?? {}) as Record<string, unknown>;
        return `${name} ${version}`;
      })
      .join(', ');
  if (typeof count === 'number') return joined(plural(count, 'image'), typeof freed === 'number' ? bytes(freed) : '');
  return '';
}

/** What stands beside the name of the fact. */
export function factDetail(fact: Fact): string {
  const lines = fact.data['lines'];
  const output = Array.isArray(lines) ? String(lines.at(-1) ?? '') : '';
  const services = joined(part(fact, 'stack'), part(fact, 'service'), part(fact, 'action'));
  return joined(
    services,
    part(fact, 'step'),
    part(fact, 'why'),
    part(fact, 'outcome'),
    part(fact, 'state'),
    output,
    amount(fact),
    part(fact, 'reason'),
    part(fact, 'version'),
  );
}

/** Mark to draw beside it; null when nothing is unusual. */
export function factState(fact: Fact): string {
  const { fact: name } = factName(fact.type);
  const outcome = part(fact, 'outcome');
  if (outcome === 'failed' || part(fact, 'state') === 'failed') return 'failed';
  if (name === 'offline' || name === 'suspect' || name === 'online') return name;
  if (name === 'stack-drifted') return 'drifted';
  if (outcome === 'rolled-back' || part(fact, 'state') === 'rolled-back') return 'rolled-back';
  if (name === 'document-rejected' || name === 'events-lost') return 'failed';
  const action = part(fact, 'action');
  if (action === 'oom' || action === 'unhealthy') return 'unhealthy';
  if (action === 'died') return part(fact, 'exitCode') === '0' ? 'stopped' : 'exited';
  const isDone =
    outcome === 'ok' || outcome === 'succeeded' || (name === 'finished' && part(fact, 'state') === 'succeeded');
  return isDone ? 'ok' : 'created';
}
