// What a log address was asked with, as the logs service is asked. Pure.
import type { LogFilter } from '#subjects/schema/log.ts';
import { timeOf } from '../log-times.ts';
import type { LogQuery } from '../openapi/log-shapes.ts';
import { given } from './pages.ts';

type Asked = Omit<LogQuery, 'order' | 'limit' | 'cursor' | 'tail'>;

/** @param now milliseconds since 1970 */
export function filterOf({ since, until, node, stack, service, container, stream, text, regex }: Asked, now: number) {
  const times = {
    since: since === undefined ? undefined : timeOf(since, now),
    until: until === undefined ? undefined : timeOf(until, now),
  };
  return given({ node, stack, service, container, stream, text, regex, ...times }) as LogFilter;
}
