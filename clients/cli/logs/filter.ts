// Which lines are meant: the options of `overseer logs` as the core is asked.
import type { LogFilter } from '#clients/sdk/logs.ts';
import { EXIT, Failure } from '../failure.ts';
import { chosen, type Node } from '../nodes.ts';
import type { Moment } from '../options.ts';

export interface FilterOptions {
  readonly node?: string;
  readonly service?: string;
  readonly container?: string;
  readonly since?: Moment;
  readonly until?: Moment;
  readonly grep?: string;
  readonly regex?: string;
  readonly stderr?: boolean;
  readonly stdout?: boolean;
}

/** Lines of a node that was removed are kept: it is named by its whole id. */
const WHOLE_ID = /^[a-z2-7]{26}$/;

function nodeOf(nodes: readonly Node[], text: string): string {
  return WHOLE_ID.test(text) && !nodes.some(({ id }) => id === text) ? text : chosen(nodes, text).id;
}

/** @throws Failure when there is no such node, or nothing could match */
export function filterOf(options: FilterOptions, stack: string | undefined, nodes: readonly Node[]): LogFilter {
  const { node, service, container, since, until, grep, regex, stderr, stdout } = options;
  if (stderr && stdout) throw new Failure(EXIT.usage, 'A line is of stdout or of stderr.', 'Leave out both for both.');
  if (since !== undefined && until !== undefined && Date.parse(since.at) >= Date.parse(until.at))
    throw new Failure(EXIT.usage, 'Nothing lies between --since and --until.');
  return {
    ...(stack === undefined ? {} : { stack }),
    ...(node === undefined ? {} : { node: nodeOf(nodes, node) }),
    ...(service === undefined ? {} : { service }),
    ...(container === undefined ? {} : { container }),
    ...(since === undefined ? {} : { since: since.at }),
    ...(until === undefined ? {} : { until: until.at }),
    ...(grep === undefined ? {} : { text: grep }),
    ...(regex === undefined ? {} : { regex }),
    ...(stderr ? { stream: 'stderr' } : stdout ? { stream: 'stdout' } : {}),
  };
}
