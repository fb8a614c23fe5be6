// What a fact says about the cache: which answers are out of date, and what can be corrected at once. Pure.
import type { Fact, Liveness, Node } from '../api/shapes.ts';
import { lastPart } from '../parts/words.ts';

const TYPE = /^dev\.overseer\.(node|deployment)\.([a-z-]+)\.v1$/;

/** Domain and fact of a CloudEvent's type. */
export function factName(type: string): { domain: string; fact: string } {
  const match = TYPE.exec(type);
  return { domain: match?.[1] ?? '', fact: match?.[2] ?? type };
}

/** Null for what is no fact. */
export function factOf(text: string): Fact | null {
  try {
    const fact = JSON.parse(text) as Fact;
    return typeof fact.type === 'string' && typeof fact.subject === 'string'
      ? { ...fact, data: fact.data ?? {} }
      : null;
  } catch {
    return null;
  }
}

export type Key = readonly string[];

const OF_STACKS = new Set(['stack-settled', 'stack-drifted', 'stack-corrected', 'container-changed']);

/** Keys of the answers that these facts make stale, each once. Steps are told by their deployment's own stream. */
export function staleKeys(facts: readonly Fact[]): Key[] {
  const keys = new Map<string, Key>();
  const add = (...key: string[]) => keys.set(key.join('\n'), key);
  for (const { type, subject, data } of facts) {
    const { domain, fact } = factName(type);
    if (fact.startsWith('step-')) continue;
    if (domain === 'deployment') {
      add('deployment', lastPart(subject));
      add('deployments');
      add('stacks');
    } else if (domain === 'node') {
      add('nodes');
      add('node', lastPart(subject));
      if (typeof data['deployment'] === 'string') add('deployment', data['deployment']);
      if (OF_STACKS.has(fact)) add('stacks');
    }
    if (typeof data['stack'] === 'string') add('stack', data['stack']);
  }
  return [...keys.values()];
}

const LIVENESS = new Set(['online', 'suspect', 'offline']);

/** Liveness is shown at once; the rest of the row follows with the next answer. */
export function withLiveness(node: Node, facts: readonly Fact[]): Node {
  let current = node;
  for (const { type, subject, time } of facts) {
    const { domain, fact } = factName(type);
    if (domain !== 'node' || !LIVENESS.has(fact) || subject !== `nodes/${node.id}`) continue;
    if (current.livenessSince !== null && time < current.livenessSince) continue;
    if (current.liveness !== fact) current = { ...current, liveness: fact as Liveness, livenessSince: time };
  }
  return current;
}

/** Newest first, each once, bounded. */
export function withFacts(held: readonly Fact[], facts: readonly Fact[], most: number): Fact[] {
  const known = new Set(held.map((fact) => fact.id));
  const fresh = facts.filter((fact) => !known.has(fact.id));
  return [...fresh.reverse(), ...held].slice(0, most);
}
