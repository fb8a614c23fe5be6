// Containers that write numbered lines, and the count of what the core shows of them: each number once, or within a gap that
// somebody told of.
import { TEST_IMAGE } from './image.ts';

export interface Writers {
  readonly services: number;
  /** Written in a burst at the begin of each second. */
  readonly linesPerSecond: number;
  readonly seconds: number;
  /** Of the engine's log files. */
  readonly maxSize: string;
  readonly maxFile: number;
}

export const linesOf = ({ linesPerSecond, seconds }: Writers) => linesPerSecond * seconds;

const PADDING = 'the quick brown fox jumps over the lazy dog, again and again, until the line is long enough';

/** `n=1 …`, `n=2 …`; then the containers stay. */
export function numbered(writers: Writers): string {
  const { services, linesPerSecond, seconds, maxSize, maxFile } = writers;
  const names = Array.from({ length: services }, (_, index) => `writer-${index}`);
  const awk = `BEGIN{for(n=1;n<=${linesPerSecond};n++)print "n=" a+n " ${PADDING}"}`;
  const script = `s=0; while [ $$s -lt ${seconds} ]; do awk -v a=$$((s*${linesPerSecond})) '${awk}'; s=$$((s+1)); sleep 1; done; exec sleep 100000`;
  return `services:\n${names
    .map(
      (name) => `  ${name}:
    image: ${TEST_IMAGE}
    init: true
    command:
      - sh
      - -c
      - |
        ${script}
    logging:
      driver: json-file
      options: { max-size: "${maxSize}", max-file: "${maxFile}" }
`,
    )
    .join('')}`;
}

/** As the API gives them. Times have nine digits after the point, so that they compare as text. */
export interface ShownItem {
  readonly type: 'line' | 'gap';
  readonly service: string;
  readonly at: string;
  readonly text: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
  readonly rows: number | null;
}

interface Run {
  /** Numbers that were not shown. */
  readonly first: number;
  readonly last: number;
  readonly after: string | null;
  readonly before: string | null;
}

export interface Count {
  readonly shown: number;
  readonly twice: readonly number[];
  readonly missing: number;
  readonly gaps: number;
  /** Numbers that are missing though nobody told of it. */
  readonly silent: readonly Run[];
}

/** Of one container; items in the order of time. */
export class NumberCount {
  readonly #seen: Uint8Array;
  readonly #twice: number[] = [];
  readonly #runs: Run[] = [];
  readonly #gaps: ShownItem[] = [];
  readonly #total: number;
  #last = 0;
  #lastAt: string | null = null;
  #shown = 0;

  constructor(total: number) {
    this.#total = total;
    this.#seen = new Uint8Array(total + 1);
  }

  take(item: ShownItem): void {
    if (item.type === 'gap') {
      this.#gaps.push(item);
      return;
    }
    const number = Number(/^n=(\d+) /.exec(item.text)?.[1] ?? Number.NaN);
    if (!(number >= 1 && number <= this.#total)) throw new Error(`no numbered line: ${item.text.slice(0, 200)}`);
    this.#shown += 1;
    if (this.#seen[number] === 1) {
      this.#twice.push(number);
      return;
    }
    this.#seen[number] = 1;
    this.#skippedTo(number, item.at);
    this.#last = Math.max(this.#last, number);
    this.#lastAt = item.at;
  }

  end(): Count {
    this.#skippedTo(this.#total + 1, null);
    const runs = this.#runs.filter(({ first, last }) => this.#seen.subarray(first, last + 1).includes(0));
    const missing = this.#seen.subarray(1).reduce((sum, seen) => sum + (seen === 0 ? 1 : 0), 0);
    const silent = runs.filter((run) => !this.#gaps.some((gap) => covers(gap, run)));
    return { shown: this.#shown, twice: this.#twice, missing, gaps: this.#gaps.length, silent };
  }

  #skippedTo(number: number, at: string | null): void {
    if (number <= this.#last + 1) return;
    this.#runs.push({ first: this.#last + 1, last: number - 1, after: this.#lastAt, before: at });
  }
}

function covers({ from, to }: ShownItem, { after, before }: Run): boolean {
  const beginsInTime = from === null || before === null || from < before;
  const endsInTime = to === null || after === null || to > after;
  return beginsInTime && endsInTime;
}
