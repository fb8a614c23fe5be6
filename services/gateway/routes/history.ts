// What happened: events, paged and live.
import { chosenBefore, chosenFrames, storedEvent } from '../live/chosen-events.ts';
import { eventFilter } from '../live/event-filter.ts';
import { lastEventId, sendEventStream, wantsEventStream } from '../live/sse.ts';
import { EventList, EventQuery } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';

const DEFAULT_LIMIT = 100;

export function historyRoutes(app: App, { events }: GatewayParts): void {
  app.get(
    '/events',
    {
      schema: {
        operationId: 'listEvents',
        summary: 'Events, newest first; live with `Accept: text/event-stream`',
        description:
          'CloudEvents of the last seven days. As a stream: the id of each event is its place, and `Last-Event-ID` ' +
          'resumes without a hole; without it the stream begins now. `type` is a whole type, its end (`node.offline`) or ' +
          'a domain (`deployment`), several parted by commas. A search may end before its limit; `nextCursor` goes on with it.',
        tags: ['events'],
        querystring: EventQuery,
        response: { 200: EventList },
      },
    },
    async (request, reply) => {
      const { limit = DEFAULT_LIMIT, cursor, ...filter } = request.query;
      const fits = eventFilter(filter);
      if (wantsEventStream(request)) {
        const from = lastEventId(request) ?? (await events.last());
        await sendEventStream(reply, from, (signal) => chosenFrames(events.follow(from, signal), fits));
        return reply;
      }
      const before = cursor === undefined ? null : Number(cursor);
      const { messages, next } = await chosenBefore(events, before, limit, fits);
      return { items: messages.map(storedEvent), nextCursor: next === null ? null : String(next) };
    },
  );
}
