// What the logs service is asked.
import { request } from '../define.ts';
import { CoverageList, FollowedLogs, FollowLogs, LogPage, ReadCoverage, ReadLogs } from '../schema/log.ts';

export const logRequests = {
  readLogs: request('overseer.int.logs.read', {
    from: ['gateway'],
    to: 'logs',
    input: ReadLogs,
    output: LogPage,
    audited: false,
    doc: 'Log lines and gaps in order of time over all nodes, a page at a time.',
  }),
  followLogs: request('overseer.int.logs.follow', {
    from: ['gateway'],
    to: 'logs',
    input: FollowLogs,
    output: FollowedLogs,
    audited: false,
    doc: 'Log lines and gaps after a place, in order of arrival; answered when there are some. Lost: asked again from there.',
  }),
  logCoverage: request('overseer.int.logs.coverage', {
    from: ['gateway'],
    to: 'logs',
    input: ReadCoverage,
    output: CoverageList,
    audited: false,
    doc: 'Which rows of which log files are held, and which are known to be missing.',
  }),
} as const;
