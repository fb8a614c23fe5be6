// Requests: ask one, wait for one answer; and answering them.
import type { Msg } from '@nats-io/transport-node';
import { OverseerError } from '#subjects/errors.ts';
import { isService } from '#subjects/principals.ts';
import { parseSubject, subjectOf } from '#subjects/subject.ts';
import type { Bus, ParametersOf, RequestName } from './bus.ts';
import { busFault } from './faults.ts';
import { decodeWire, encodeError, encodeWire, errorIn } from './messages.ts';
import { roomOfAnswer, roomOfInput } from './room.ts';
import { entryOf, InFlight, listened, type Speaker, subscribed } from './speaker.ts';

const TIMEOUT_MS = 5_000;

export function requester(speaker: Speaker): Bus['request'] {
  return async (name, parameters, input, options = {}) => {
    const entry = entryOf(name, 'request');
    const subject = subjectOf(entry.subject, parameters as object);
    const { payload, headers } = encodeWire(name, entry.input, input, roomOfInput(entry));
    let answer: Msg;
    try {
      const timeout = options.timeoutMs ?? TIMEOUT_MS;
      const how = { timeout, ...(headers ? { headers } : {}) };
      answer = await speaker.link.during(() => speaker.nc.request(subject, payload, how));
    } catch (error) {
      throw busFault(error, name);
    }
    const refused = errorIn(answer.headers, answer.data);
    if (refused) throw refused;
    const decoded = decodeWire(entry.output, answer.data, answer.headers, roomOfAnswer(entry));
    if (!decoded.ok) {
      speaker.rejected(name, `answer ${decoded.reason}`);
      throw new OverseerError('internal', `${name}: the answer does not match its schema`);
    }
    return decoded.body as never;
  };
}

function answerable(speaker: Speaker, name: RequestName, error: unknown): OverseerError {
  if (error instanceof OverseerError) return error;
  speaker.log.error({ message: name, err: error }, 'a request failed in an unexpected way');
  return new OverseerError('internal', 'it failed in an unexpected way; the log of the service says how');
}

export function server(speaker: Speaker): Bus['serve'] {
  return (name, handle, own = {}) => {
    const entry = entryOf(name, 'request');
    const { principal, rejected } = speaker;
    const inFlight = new InFlight();

    function refuse(message: Msg, error: OverseerError): void {
      const { headers, payload } = encodeError(error);
      message.respond(payload, { headers });
    }

    async function answer(message: Msg): Promise<void> {
      const parameters = parseSubject(entry.subject, message.subject);
      const decoded = decodeWire(entry.input, message.data, message.headers, roomOfInput(entry));
      if (parameters === null || !decoded.ok) {
        const reason = decoded.ok ? 'subject outside its alphabet' : decoded.reason;
        rejected(name, reason);
        return refuse(message, new OverseerError('invalid-input', `${name}: ${reason}`));
      }
      try {
        const from = { parameters: parameters as ParametersOf<typeof name>, replyTo: message.reply ?? '' };
        const found = await handle(decoded.body as never, from);
        const { payload, headers } = encodeWire(name, entry.output, found, roomOfAnswer(entry));
        message.respond(payload, headers ? { headers } : {});
      } catch (error) {
        refuse(message, answerable(speaker, name, error));
      }
    }

    const take = (message: Msg) =>
      inFlight.add(
        answer(message).catch((error) => speaker.log.warn({ message: name, err: error }, 'an answer was not sent')),
      );
    const queue = isService(principal) ? principal : undefined;
    return subscribed(speaker, listened(entry.subject, own), queue, take, () => inFlight.settled());
  };
}
