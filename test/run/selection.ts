// Pure: which test files run, in which groups. Pure tests share a process; what uses ports, signals or engines has one of
// its own; whole systems run one at a time, or two cores time each other out. They mostly wait, so what mostly computes
// runs beside them.

export interface Group {
  readonly name: string;
  readonly files: readonly string[];
  readonly options: readonly string[];
  /** Real servers and engines, which have to be there. */
  readonly needsParts: boolean;
  /** Groups of one lane run one after the other, lanes of a stage beside each other, stages one after the other. */
  readonly stage: number;
  readonly lane: number;
}

const MINUTE_MS = 60_000;
const GROUPS = [
  {
    name: 'unit',
    folder: 'test/unit/',
    options: ['--test-isolation=none', `--test-timeout=${2 * MINUTE_MS}`],
    needsParts: false,
    stage: 1,
    lane: 2,
  },
  {
    name: 'integration',
    folder: 'test/integration/',
    // They wait for engines and servers more than they work.
    options: ['--test-concurrency=3', `--test-timeout=${10 * MINUTE_MS}`],
    needsParts: true,
    stage: 2,
    lane: 1,
  },
  {
    name: 'console',
    folder: 'test/e2e/console/',
    // Some look at how soon a page is there: two browsers at once would judge each other.
    options: ['--test-concurrency=1', `--test-timeout=${20 * MINUTE_MS}`],
    needsParts: true,
    stage: 1,
    lane: 2,
  },
  {
    name: 'end to end',
    folder: 'test/e2e/',
    options: ['--test-concurrency=1', `--test-timeout=${20 * MINUTE_MS}`],
    needsParts: true,
    stage: 1,
    lane: 1,
  },
  {
    name: 'chaos',
    folder: 'test/chaos/',
    options: ['--test-concurrency=1', `--test-timeout=${60 * MINUTE_MS}`],
    needsParts: true,
    stage: 3,
    lane: 1,
  },
];

function groupOf(file: string): string | undefined {
  return GROUPS.find(({ folder }) => file.startsWith(folder))?.folder;
}

/** Without words: all but the long ones. `chaos`: those. Other words choose the files whose path has one of them. */
export function selection(files: readonly string[], words: readonly string[]): Group[] {
  const [first, ...others] = words;
  const paths = first === 'chaos' ? others : words;
  const isWanted = (name: string) => (first === 'chaos' ? name === 'chaos' : paths.length > 0 || name !== 'chaos');
  const isChosen = (file: string) => paths.length === 0 || paths.some((path) => file.includes(path));
  return GROUPS.filter(({ name }) => isWanted(name))
    .map(({ folder, ...group }) => ({
      ...group,
      // A group inside another one's folder comes first and has its files to itself.
      files: files.filter((file) => groupOf(file) === folder && isChosen(file)).sort(),
    }))
    .filter((group) => group.files.length > 0);
}
