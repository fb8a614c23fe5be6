// What happened and who did it: events, paged and live, and the audit.
import type { LiveMessage } from '#infra/nats/bus.ts';
import { AuditList } from '#subjects/schema/audit.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import { type Frame, lastEventId, sendEventStream, wantsEventStream } from '../live/sse.ts';
import { AuditQuery, EventList, EventQuery } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { gathered, given } from './pages.ts';

const DEFAULT_LIMIT = 100;

function stored({ body, streamSequence }: LiveMessage) {
  return { ...(body as CloudEvent), sequence: String(streamSequence) };
}

async function* framed(messages: AsyncIterable<LiveMessage>): AsyncGenerator<Frame> {
  for await (const message of messages) {
    yield { id: String(message.streamSequence), data: JSON.stringify(stored(message)) };
  }
}

export function historyRoutes(app: App, { bus, events }: GatewayParts): void {
  app.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'Events, newest first; live with `Accept: text/event-stream`',
        description:
          'CloudEvents of the last seven days. As a stream: the id of each event is its place, and `Last-Event-ID` ' +
          'resumes without a hole; without it the stream begins now.',
        tags: ['events'],
        querystring: EventQuery,
        response: { 200: EventList },
      },
    },
    async (request, reply) => {
      if (wantsEventStream(request)) {
        const from = lastEventId(request) ?? (await events.last());
        await sendEventStream(reply, from, (signal) => framed(events.follow(from, signal)));
        return reply;
      }
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const { messages, next } = await events.before(cursor === undefined ? null : Number(cursor), limit);
      return { items: messages.map(stored), nextCursor: next === null ? null : String(next) };
    },
  );

  app.get(
    '/audit',
    {
      schema: {
        operationId: 'listAudit',
        summary: 'Audit records, newest first',
        tags: ['audit'],
        querystring: AuditQuery,
        response: { 200: AuditList },
      },
    },
    ({ query: { action, object, ...page } }) =>
      gathered(page, (part) => bus.request('listAudit', {}, { ...given({ action, object }), ...part })),
  );
}
