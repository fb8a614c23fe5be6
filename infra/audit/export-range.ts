// Pure. What an export has to hold by the range that it names itself: the checkpoints in it tell which records there were
// when, so that a range can't be written into it to excuse what was taken out.
import type { AuditFault } from '#subjects/schema/audit-verification.ts';
import type { Head } from './checkpoint.ts';

export interface Range {
  readonly from: string | null;
  readonly to: string | null;
}

export interface DatedHead extends Head {
  /** When the checkpoint before it was made, in ms: none of its records was kept then. */
  readonly after: number;
  readonly at: number;
}

/** What was read of a partition. */
export interface Reach {
  readonly first: number;
  readonly last: number;
  /** Hash that the first record names as the one before it. */
  readonly previous: Buffer;
  /** When it was received, in ms: of all records the earliest, and of the last one. */
  readonly earliest: number;
  readonly latest: number;
}

/** A record is dated a little before it is kept, and by the clock of another replica than a checkpoint perhaps. */
const CLOCKS_MS = 60_000;

function lengthFault(partition: string, heads: readonly DatedHead[], reach: Reach | null, { from, to }: Range) {
  const fault = (number: number, kind: AuditFault['kind'], detail: string): AuditFault => {
    return { partition, number, kind, detail };
  };
  const isFrom = ({ after }: DatedHead) => from === null || after > Date.parse(from) + CLOCKS_MS;
  const isTo = ({ at }: DatedHead) => to === null || at < Date.parse(to) - CLOCKS_MS;
  if (reach === null) {
    const owed = heads.find((head) => isFrom(head) && isTo(head));
    return owed ? fault(owed.before + 1, 'truncated', 'a checkpoint knows records of it, there are none') : null;
  }
  const { first, last } = reach;
  if (from === null && first > 1) return fault(1, 'missing', `it begins with record ${first}, and names no range`);
  const early = heads.find((head) => head.before + 1 < first && isFrom(head));
  if (early) {
    return fault(early.before + 1, 'missing', `it begins with record ${first}, later than the range that it names`);
  }
  const cut = heads.find((head) => head.number > last && isTo(head));
  return cut ? fault(last + 1, 'truncated', `a checkpoint knows ${cut.number} records, there are ${last}`) : null;
}

/** @param reach null when there is no record of it */
export function rangeFault(
  partition: string,
  heads: readonly DatedHead[],
  reach: Reach | null,
  range: Range,
): AuditFault | null {
  const found = lengthFault(partition, heads, reach, range);
  if (found !== null || reach === null) return found;
  const { from, to } = range;
  const { first, last, previous, earliest, latest } = reach;
  const fault = (number: number, kind: AuditFault['kind'], detail: string): AuditFault => {
    return { partition, number, kind, detail };
  };
  if (from !== null && earliest < Date.parse(from)) return fault(first, 'extra', 'it has records of before its range');
  if (to !== null && latest > Date.parse(to)) return fault(last, 'extra', 'it has records of after its range');
  const anchor = heads.find(({ number }) => number === first - 1);
  if (anchor === undefined || anchor.hash.equals(previous)) return null;
  return fault(first, 'rewritten', `a checkpoint has another hash for the record before it`);
}
