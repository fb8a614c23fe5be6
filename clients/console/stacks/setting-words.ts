// Settings of a stack in words. Pure.
import type { LogPolicy, StackSpec, Strategy } from '../api/shapes.ts';
import { plural } from '../parts/words.ts';

export function rolloutWords(strategy: Strategy | undefined): string {
  const { batch, maxUnavailable, pauseSeconds, gate } = strategy ?? {};
  if (batch === undefined) return 'all nodes at once';
  const size = typeof batch === 'number' ? plural(batch, 'node') : `${batch} of the nodes`;
  const pause = pauseSeconds ? `, ${pauseSeconds} s apart` : '';
  const most = maxUnavailable === undefined ? '' : `, at most ${maxUnavailable} away at once`;
  const word = gate === 'manual' ? ', each batch waits for your word' : ', each batch waits for the last to be healthy';
  return `first one node, then ${size} at a time${pause}${most}${word}`;
}

export function gateWords(strategy: Strategy | undefined): string {
  const { stabilitySeconds, healthTimeoutSeconds } = strategy ?? {};
  const stable = stabilitySeconds === undefined ? 'the usual time' : `${stabilitySeconds} s`;
  const within = healthTimeoutSeconds === undefined ? 'the usual time' : `${healthTimeoutSeconds} s`;
  return `up for ${stable}, healthy within ${within}`;
}

export function imageWords(images: StackSpec['images']): string {
  if (images === undefined || images.policy === 'off') return 'not looked for';
  const does = images.policy === 'deploy' ? 'deployed when a tag moves' : 'told when a tag moves';
  const often = images.everySeconds === undefined ? '' : `, looked for every ${images.everySeconds} s`;
  const hosts = Object.keys(images.credentials ?? {});
  return `${does}${often}${hosts.length === 0 ? '' : `, with a login for ${hosts.join(', ')}`}`;
}

export function logsWords({ collect, linesPerSecond, keepDays }: LogPolicy = {}): string {
  if (collect === 'off') return 'not kept';
  const what = collect === 'errors' ? 'what goes to stderr' : 'all of it';
  const rate = linesPerSecond === undefined ? '' : `, at most ${plural(linesPerSecond, 'line')} a second on a node`;
  return `${what}${rate}, ${keepDays === undefined ? 'as long as there is room' : `for ${plural(keepDays, 'day')}`}`;
}

/** As the contract has it, where a stack says nothing. */
const USUAL_POLL_SECONDS = 300;

/** How often a repository is looked at. */
export function pollWords({ everySeconds = USUAL_POLL_SECONDS }: NonNullable<StackSpec['source']>): string {
  return everySeconds === 0 ? 'only by webhook or by hand' : `every ${everySeconds} s`;
}

/** Names of services, read from the compose text without a parser: good enough to offer them. */
export function serviceNames(compose: string): string[] {
  const lines = compose.split(/\r?\n/);
  const start = lines.findIndex((line) => /^services:\s*(?:#.*)?$/.test(line));
  if (start < 0) return [];
  const names: string[] = [];
  let indent: number | null = null;
  for (const line of lines.slice(start + 1)) {
    if (/^\s*(?:#.*)?$/.test(line)) continue;
    const depth = line.length - line.trimStart().length;
    if (depth === 0) break;
    indent ??= depth;
    const [, name] = /^\s+["']?([a-zA-Z0-9._-]+)["']?:/.exec(line) ?? [];
    if (depth === indent && name !== undefined) names.push(name);
  }
  return names;
}

/** `registry.lan/crm:2.1@sha256:ab12…` is told by its first twelve digits. */
export function shortDigest(digest: string | null): string | null {
  return digest === null ? null : digest.replace(/^(?:.*@)?sha256:([a-f0-9]{12})[a-f0-9]*$/, '$1');
}
