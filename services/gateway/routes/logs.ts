// What containers said: searched, followed, downloaded, and what is known to be missing of it.
import { Readable } from 'node:stream';
import * as z from 'zod/mini';
import { CoverageList, LogPage } from '#subjects/schema/log.ts';
import { downloaded, firstPage } from '../live/log-download.ts';
import { beginning, logFrames, tailOf } from '../live/log-frames.ts';
import { lastPlace, sendEventStream, wantsEventStream } from '../live/sse.ts';
import { CoverageQuery, LogDownloadQuery, LogQuery } from '../openapi/log-shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { filterOf } from './log-filter.ts';
import { given } from './pages.ts';

const DEFAULT_LIMIT = 200;
const COVERAGE_LIMIT = 100;
/** A search of much text answers late, and then with what it found by then. */
const ANSWER_MS = 15_000;

const FILTER = [
  'All that are given must hold. `since` and `until` are times, or how long ago: `15m`, `2h`, `3d`. `container` is a name, an',
  'id, or the beginning of an id. `text` is looked for without regard to capitals unless it has one; `regex` is RE2.',
].join(' ');
const PAGES = [
  'Lines and gaps in order of time over all nodes, the newest first unless `order=forward`. `nextCursor` goes on in that',
  'order and is null at the end; a search of much text may answer with few items, or none, and goes on with it.',
  '`previousCursor` goes the other way from the first item: ask with the other `order`.',
].join(' ');
const LIVE = [
  'With `Accept: text/event-stream` live, in order of arrival, each once. The data of an event is one item, its id its place:',
  '`Last-Event-ID` resumes after it, also when the core was away. An id may come without data. `tail` lines of before come',
  'first, without ids; the id after them is where the stream goes on.',
].join(' ');
const DOWNLOAD = [
  'All that matches, the oldest first, as `ndjson` (one item a line) or `text` (time, node, container, stream, line). When it',
  'fails amid it the last line says so: {"type":"error", code, detail, cursor} or `--- incomplete: ... ---`; `cursor` goes',
  'on there. A download without such a line that was cut on its way goes on with `since` at the time of its last line, whose',
  'items are then told again with the ids they had.',
].join(' ');

const FORMATS = {
  text: ['text/plain; charset=utf-8', 'logs.log'],
  ndjson: ['application/x-ndjson; charset=utf-8', 'logs.ndjson'],
} as const;

export function logRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/logs',
    {
      schema: {
        operationId: 'listLogs',
        summary: 'Log lines, newest first; live with `Accept: text/event-stream`',
        description: `${PAGES} ${FILTER} ${LIVE}`,
        tags: ['logs'],
        querystring: LogQuery,
        response: { 200: LogPage },
      },
    },
    async (request, reply) => {
      const { order = 'backward', limit = DEFAULT_LIMIT, cursor, tail = 0, ...asked } = request.query;
      const filter = filterOf(asked, Date.now());
      if (!wantsEventStream(request)) {
        const page = { filter, order, limit, ...given({ cursor }) };
        return bus.request('readLogs', {}, page, { timeoutMs: ANSWER_MS });
      }
      const known = lastPlace(request);
      const from = await beginning(bus, filter, known);
      const before = known === null && tail > 0 ? await tailOf(bus, filter, tail, from) : [];
      const told = before.length > 0 ? null : from;
      await sendEventStream(reply, told, (signal) => logFrames(bus, filter, { tail: before, from }, signal));
      return reply;
    },
  );

  app.get(
    '/logs/download',
    {
      schema: {
        operationId: 'downloadLogs',
        summary: 'Log lines as a file',
        description: `${DOWNLOAD} ${FILTER}`,
        tags: ['logs'],
        querystring: LogDownloadQuery,
        produces: ['text/plain', 'application/x-ndjson'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const { format = 'text', cursor, ...asked } = request.query;
      const filter = filterOf(asked, Date.now());
      const begun = await firstPage(bus, filter, cursor);
      const [type, name] = FORMATS[format];
      reply.header('content-type', type).header('content-disposition', `attachment; filename="${name}"`);
      // Closed with the connection: the generator then asks for nothing more. It is the text that the schema means.
      return reply.send(Readable.from(downloaded(bus, filter, format, begun)) as never);
    },
  );

  app.get(
    '/logs/coverage',
    {
      schema: {
        operationId: 'getLogCoverage',
        summary: 'What is held of each log file, and what is missing',
        description:
          'Rows from 0, ends exclusive. Gaps are told by the nodes; `unknown` is on its way, or was removed here.',
        tags: ['logs'],
        querystring: CoverageQuery,
        response: { 200: CoverageList },
      },
    },
    ({ query: { limit = COVERAGE_LIMIT, ...asked } }) =>
      bus.request('logCoverage', {}, { limit, ...given(asked) }, { timeoutMs: ANSWER_MS }),
  );
}
