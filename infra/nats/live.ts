// Live views: stored messages as they come, and pages of those stored before.
import { type DirectStreamAPI, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/transport-node';
import { entries, type MessageName } from '#subjects/contract.ts';
import type { Event, StreamName } from '#subjects/define.ts';
import { OverseerError } from '#subjects/errors.ts';
import { batchedGet } from '#subjects/permissions.ts';
import { streamPlan } from '#subjects/streams.ts';
import { parseSubject } from '#subjects/subject.ts';
import type { Bus, EventName, LiveMessage } from './bus.ts';
import { busFault } from './faults.ts';
import { decodeBody, serverNumber } from './messages.ts';
import { type Speaker, subscribed } from './speaker.ts';

const PAGE = 256;
const READ_TIMEOUT_MS = 5_000;
const NOT_FOUND = 404;

type Kept = readonly [MessageName, Event];

function keptIn(stream: StreamName): Kept[] {
  return entries.filter((found): found is Kept => found[1].kind === 'event' && found[1].stream === stream);
}

/** Null when no message of the contract has that subject and shape; it is counted. */
function read(
  speaker: Speaker,
  stream: StreamName,
  subject: string,
  payload: Uint8Array,
  streamSequence: number,
): LiveMessage | null {
  for (const [name, entry] of keptIn(stream)) {
    const parameters = parseSubject(entry.subject, subject);
    if (parameters === null) continue;
    const decoded = decodeBody(entry.schema, payload);
    if (decoded.ok) {
      return {
        name: name as EventName,
        parameters: parameters as Record<string, string>,
        body: decoded.body,
        streamSequence,
      };
    }
    speaker.rejected(name, decoded.reason);
    return null;
  }
  return null;
}

export function follower(speaker: Speaker): Bus['follow'] {
  return (stream, handle) => {
    const { republish } = streamPlan(stream);
    if (!republish) throw new TypeError(`stream ${stream} is not republished`);
    return subscribed(speaker, republish.to, undefined, ({ headers, data }) => {
      const subject = (headers as MsgHdrs | undefined)?.get('Nats-Subject') ?? '';
      const message = read(speaker, stream, subject, data, serverNumber(headers, 'Nats-Sequence'));
      if (message) handle(message);
    });
  };
}

interface Page {
  readonly messages: StoredMsg[];
  /** What the stream holds after the last of these. */
  readonly pending: number;
}

/** By callback: as an iterator the library leaves a subscription behind with every call. */
function pageOf(direct: DirectStreamAPI, stream: StreamName, seq: number, batch: number): Promise<Page> {
  const subjects = streamPlan(stream).subjects[0]?.split('.').slice(0, 2).join('.');
  return new Promise((resolve, reject) => {
    const messages: StoredMsg[] = [];
    const callback = (done: { err?: Error } | null, message: StoredMsg) => {
      if (!done) messages.push(message);
      else if (done.err && !isNotFound(done.err)) reject(done.err);
      else resolve({ messages, pending: messages.at(-1)?.pending ?? 0 });
    };
    direct.getBatch(stream, { seq, batch, next_by_subj: `${subjects}.>`, callback } as never).catch(reject);
  });
}

function isNotFound(error: Error): boolean {
  return 'code' in error && error.code === NOT_FOUND;
}

export function historian(speaker: Speaker): Bus['history'] {
  /** The page was empty: either all was read, or the asked place lies beyond a stream that was made anew. */
  async function endOf(stream: StreamName): Promise<number> {
    const subjects = `${streamPlan(stream).subjects[0]?.split('.').slice(0, 2).join('.')}.>`;
    const last = JSON.stringify({ last_by_subj: subjects });
    const answer = await speaker.link.during(() =>
      speaker.nc.request(batchedGet(stream), last, { timeout: READ_TIMEOUT_MS }),
    );
    const status = answer.headers?.code ?? 0;
    if (status !== 0 && status !== NOT_FOUND) throw new OverseerError('unavailable', `${stream}: ${status}`);
    return status === NOT_FOUND ? 0 : serverNumber(answer.headers, 'Nats-Sequence');
  }

  return async (stream, fromSequence, limit) => {
    const found: LiveMessage[] = [];
    let from = Math.max(1, fromSequence);
    try {
      const { direct } = await jetstreamManager(speaker.nc, { checkAPI: false });
      while (found.length < limit) {
        const batch = Math.min(PAGE, limit - found.length);
        const page = await speaker.link.during(() => pageOf(direct, stream, from, batch));
        const last = page.messages.at(-1);
        if (!last) break;
        from = last.seq + 1;
        for (const { subject, data, seq } of page.messages) {
          const message = read(speaker, stream, subject, data, seq);
          if (message) found.push(message);
        }
        // Never by the page's length: a page is also cut by bytes.
        if (page.pending <= 0) break;
      }
      return { messages: found, lastSequence: await endOf(stream) };
    } catch (error) {
      throw busFault(error, `history of ${stream}`);
    }
  };
}
