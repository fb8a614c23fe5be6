// Rules over the computed layout. A layout that breaks one is never pushed to a server.
import type { Export, Layout } from './accounts.ts';
import type { Account } from './principals.ts';

/** Accounts in which strangers live: a reply follows an asker's literal imports, so these may have none. */
const WILDCARD_ONLY: readonly Account[] = ['FLEET', 'READERS'];

/** Whether some subject matches both patterns. */
export function overlaps(a: string, b: string): boolean {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if (left[i] === '>' || right[i] === '>') return left[i] !== undefined && right[i] !== undefined;
    if (left[i] === undefined || right[i] === undefined) return false;
    if (left[i] !== right[i] && left[i] !== '*' && right[i] !== '*') return false;
  }
  return true;
}

/** Overlapping exports of one type are a mere warning at start, after which every user of that account is refused. */
function overlapFaults(exports: readonly Export[]): string[] {
  return exports.flatMap((one, index) =>
    exports
      .slice(index + 1)
      .filter(
        (other) => other.account === one.account && other.type === one.type && overlaps(one.subject, other.subject),
      )
      .map((other) => `${one.account} exports overlap: ${one.subject} and ${other.subject}`),
  );
}

/** What is wrong with a layout, a sentence each; empty when it may be pushed. */
export function layoutFaults({ exports, imports }: Layout): string[] {
  const literal = imports
    .filter((i) => WILDCARD_ONLY.includes(i.importedBy) && !/[*>]/.test(i.subject))
    .map((i) => `${i.importedBy} imports the literal subject ${i.subject}`);
  const orphaned = imports
    .filter((i) => !exports.some((e) => e.account === i.account && e.type === i.type && e.subject === i.exported))
    .map((i) => `${i.importedBy} imports ${i.subject}, which ${i.account} does not export`);
  const self = imports
    .filter((i) => i.importedBy === i.account)
    .map((i) => `${i.account} imports ${i.subject} from itself`);
  return [...overlapFaults(exports), ...literal, ...orphaned, ...self];
}
