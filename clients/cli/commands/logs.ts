// overseer logs: what containers said, on all nodes, in order of time.
import type { Command } from 'commander';
import { LOG_PAGE_MAX, type LogFilter, type LogItem } from '#clients/sdk/logs.ts';
import { EXIT, Failure } from '../failure.ts';
import { showCoverage } from '../logs/coverage.ts';
import { type DownloadFormat, download } from '../logs/download.ts';
import { type FilterOptions, filterOf } from '../logs/filter.ts';
import { everythingAndOn, newest, newestAndOn, oldest } from '../logs/read.ts';
import { hasColours, showAll, showEach } from '../logs/show.ts';
import { allNodes, nodeLabels } from '../nodes.ts';
import { moment, oneOf, wholeNumber } from '../options.ts';
import { connectionNews } from '../progress/connection-news.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';

interface LogOptions extends FilterOptions {
  readonly follow?: boolean;
  readonly tail?: number | 'all';
  readonly timestamps?: boolean;
  readonly prefix?: boolean;
  readonly raw?: boolean;
  readonly coverage?: boolean;
  readonly download?: string;
  readonly format?: DownloadFormat;
}

const TAIL = 200;
const FOLLOWED_TAIL = 100;
const momentOption = (text: string) => moment(text, Date.now());
const orAll = (text: string) => (text === 'all' ? text : wholeNumber(text));

/** @throws Failure for what makes no sense together */
function checked({ follow, until, tail, coverage, download: file, format, grep, regex, service }: LogOptions): void {
  const fault =
    follow && until !== undefined
      ? 'What is followed has no end: leave out --until.'
      : format !== undefined && file === undefined
        ? '--format is the one of a download: add --download FILE.'
        : file !== undefined && (follow || coverage || tail !== undefined)
          ? 'A download is all that matches: leave out --follow, --tail and --coverage.'
          : coverage && (follow || grep !== undefined || regex !== undefined || service !== undefined)
            ? 'What is held is told by stack, node and container.'
            : null;
  if (fault !== null) throw new Failure(EXIT.usage, fault);
}

function wanted(session: Session, filter: LogFilter, { follow, tail }: LogOptions): AsyncIterable<LogItem> {
  if (follow) {
    const news = connectionNews((lines) => lines.forEach(session.note));
    const count = tail ?? (filter.since === undefined ? FOLLOWED_TAIL : 'all');
    if (count === 'all') return everythingAndOn(session, filter, news);
    if (count <= LOG_PAGE_MAX) return newestAndOn(session, filter, count, news);
    throw new Failure(
      EXIT.usage,
      `At most ${LOG_PAGE_MAX} lines come before what is followed.`,
      'Or all of them: -n all',
    );
  }
  const count = tail ?? (filter.since === undefined ? TAIL : 'all');
  if (count === 'all') return oldest(session, filter);
  return (async function* () {
    yield* await newest(session, filter, count);
  })();
}

async function show(session: Session, filter: LogFilter, options: LogOptions, nameOf: (id: string) => string) {
  const { timestamps = false, prefix = true, raw = false } = options;
  const isWhole = !options.follow && (session.view.format === 'json' || session.view.format === 'yaml');
  const items = wanted(session, filter, options);
  if (isWhole) return showAll(session, items);
  await showEach(session, items, nameOf, { hasColours: hasColours(), timestamps, prefix, raw });
}

async function logs(session: Session, stack: string | undefined, options: LogOptions): Promise<void> {
  checked(options);
  const nodes = await allNodes(session.api);
  const nameOf = nodeLabels(session.api, nodes);
  const filter = filterOf(options, stack, nodes);
  if (options.coverage) return showCoverage(session, filter, nameOf);
  if (options.download === undefined) return show(session, filter, options, nameOf);
  const { download: file, format = file.endsWith('json') ? 'ndjson' : 'text' } = options;
  // So long ago is another time with the next try.
  const asked = JSON.stringify([{ ...filter, since: options.since?.typed, until: options.until?.typed }, format]);
  const count = await download(session, { file, format, asked, filter }, nameOf);
  session.note(`${file}: ${count} ${count === 1 ? 'line' : 'lines'}`);
}

export function logCommands(program: Command): void {
  const command = program
    .command('logs [stack]')
    .alias('log')
    .description('what containers said, on all nodes, in order of time; what is missing is shown in its place')
    .option('--node <node>', 'of this node only, by name or id')
    .option('--service <service>', 'of this service only')
    .option('--container <container>', 'of this container only: name, id, or its beginning')
    .option('--since <time>', 'from then on: 15m, 2h, 3d, or 2026-01-02T03:04:05Z', momentOption)
    .option('--until <time>', 'before then', momentOption)
    .option('--grep <text>', 'lines with this text; with capitals as they are, if it has some')
    .option('--regex <expression>', 'lines that match (RE2)')
    .option('--stderr', 'what went to stderr')
    .option('--stdout', 'what went to stdout')
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option('-n, --tail <count>', `the newest so many, or all; ${TAIL} unless --since says from when`, orAll)
    .option('-t, --timestamps', 'with the time of each line')
    .option('--no-prefix', 'without node and service before each line')
    .option('--raw', 'as it was written: a program may then move the cursor')
    .option('--coverage', 'which rows of each log file are held, and which are missing')
    .option('--download <file>', 'all that matches into a file; what broke off goes on with the same command')
    .option('--format <format>', 'of the download: text or ndjson; by the name of the file', oneOf(['text', 'ndjson']))
    .action(async (stack: string | undefined, options: LogOptions, self: Command) =>
      logs(sessionOf(self), stack, options),
    );
  withExample(
    command,
    'logs web -f',
    'logs --node nas --since 15m --stderr',
    'logs web --service api --since 2h --grep refused -t',
    'logs web -f -o ndjson    # an item a line, for other programs',
    'logs web --since 1d --download web.ndjson',
    'logs web --coverage',
  );
}
