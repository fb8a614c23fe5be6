// Who did what: paged and live, verified, and exported for whoever wants to check it elsewhere.
import { Readable } from 'node:stream';
import * as z from 'zod/mini';
import { AuditList } from '#subjects/schema/audit.ts';
import { AuditSummary, AuditVerification } from '#subjects/schema/audit-verification.ts';
import { exported, exportedPart } from '../live/audit-export.ts';
import { auditFrames, auditPlace } from '../live/audit-frames.ts';
import { type Progress, verifyAll } from '../live/audit-verification.ts';
import { type Frame, lastEventId, sendEventStream, wantsEventStream } from '../live/sse.ts';
import { AuditQuery, ExportQuery, VerifyQuery } from '../openapi/audit-shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { gathered, given } from './pages.ts';

const LIVE = [
  'As a stream the id of each record is its sequence, and `Last-Event-ID` resumes without a hole, over restarts of the core',
  'too; without it the stream begins now. Records of nodes come when the core has them, which after an outage is later than',
  'their time.',
].join(' ');
const VERIFY = [
  'Goes along every chain and every checkpoint and names the first bad place. `agents=true` asks each node which checkpoints',
  'it holds: that finds a database that was rewritten together with its checkpoints. `checkpoint=<number>-<hash>` compares',
  'one that was kept elsewhere. With `Accept: text/event-stream` its progress comes first, the result last.',
].join(' ');
const EXPORT = [
  'One JSON a line: checkpoints, then the records of each partition in order, with all that is needed to check them without',
  'a core (docs/audit.md). The last line is {"type":"end", from, to}, or {"type":"error", code, detail} when it failed amid it.',
].join(' ');

/** What is told while the result is awaited. */
async function* progressFrames(
  run: (tell: (progress: Progress) => void) => Promise<AuditVerification>,
): AsyncGenerator<Frame> {
  const told: Progress[] = [];
  let news = Promise.withResolvers<void>();
  const outcome = run((progress) => {
    told.push(progress);
    news.resolve();
  }).then(
    (result) => ({ event: 'result', data: JSON.stringify(result) }),
    (error: unknown) => ({
      event: 'failed',
      data: JSON.stringify({ detail: error instanceof Error ? error.message : 'it failed' }),
    }),
  );
  for (let ended: Frame | null = null; ended === null; ) {
    const next = await Promise.race([outcome, news.promise]);
    news = Promise.withResolvers();
    const newest = told.at(-1);
    told.length = 0;
    if (newest !== undefined) yield { id: null, event: 'progress', data: JSON.stringify(newest) };
    if (next) {
      ended = { id: null, ...next };
      yield ended;
    }
  }
}

export function auditRoutes(app: App, { bus }: GatewayParts): void {
  app.get(
    '/audit',
    {
      schema: {
        operationId: 'listAudit',
        summary: 'Audit records, newest first; live with `Accept: text/event-stream`',
        description: LIVE,
        tags: ['audit'],
        querystring: AuditQuery,
        response: { 200: AuditList },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...labels } = request.query;
      const filter = given(labels);
      if (!wantsEventStream(request)) {
        return gathered({ limit, cursor }, (part) => bus.request('listAudit', {}, { ...filter, ...part }));
      }
      const from = lastEventId(request) ?? (await auditPlace(bus, filter));
      await sendEventStream(reply, from, (signal) => auditFrames(bus, filter, from, signal));
      return reply;
    },
  );

  app.get(
    '/audit/summary',
    {
      schema: {
        operationId: 'getAuditSummary',
        summary: 'How much the audit holds, and its newest checkpoint',
        description: 'The checkpoint, kept elsewhere, is a witness of all that was recorded before it.',
        tags: ['audit'],
        response: { 200: AuditSummary },
      },
    },
    () => bus.request('summarizeAudit', {}, {}),
  );

  app.get(
    '/audit/verify',
    {
      schema: {
        operationId: 'verifyAudit',
        summary: 'Verify the audit',
        description: VERIFY,
        tags: ['audit'],
        querystring: VerifyQuery,
        response: { 200: AuditVerification },
      },
    },
    async (request, reply) => {
      const { agents, ...rest } = request.query;
      const wish = { ...rest, agents: agents === 'true' };
      if (!wantsEventStream(request)) {
        const gone = new AbortController();
        reply.raw.on('close', () => gone.abort());
        return verifyAll(bus, wish, gone.signal);
      }
      await sendEventStream(reply, null, (signal) => progressFrames((tell) => verifyAll(bus, wish, signal, tell)));
      return reply;
    },
  );

  app.get(
    '/audit/export',
    {
      schema: {
        operationId: 'exportAudit',
        summary: 'The audit as a file',
        description: EXPORT,
        tags: ['audit'],
        querystring: ExportQuery,
        produces: ['application/x-ndjson'],
        response: { 200: z.string() },
      },
    },
    async (request, reply) => {
      const begun = await exportedPart(bus, request.query, null);
      reply
        .header('content-type', 'application/x-ndjson; charset=utf-8')
        .header('content-disposition', 'attachment; filename="audit.ndjson"');
      // Closed with the connection: the generator then asks for nothing more. It is the text that the schema means.
      return reply.send(Readable.from(exported(bus, request.query, begun)) as never);
    },
  );
}
