// Requests: ask one, wait for one answer; and answering them.
import type { Msg } from '@nats-io/transport-node';
import { OverseerError } from '#subjects/errors.ts';
import { isService } from '#subjects/principals.ts';
import { parseSubject, subjectOf } from '#subjects/subject.ts';
import type { Bus, ParametersOf, RequestName } from './bus.ts';
import { busFault } from './faults.ts';
import { decodeBody, encodeBody, encodeError, errorIn } from './messages.ts';
import { entryOf, InFlight, listened, type Speaker, subscribed } from './speaker.ts';

const TIMEOUT_MS = 5_000;

export function requester(speaker: Speaker): Bus['request'] {
  return async (name, parameters, input, options = {}) => {
    const entry = entryOf(name, 'request');
    const subject = subjectOf(entry.subject, parameters as object);
    const payload = encodeBody(name, entry.input, input);
    let answer: Msg;
    try {
      const timeout = options.timeoutMs ?? TIMEOUT_MS;
      answer = await speaker.link.during(() => speaker.nc.request(subject, payload, { timeout }));
    } catch (error) {
      throw busFault(error, name);
    }
    const refused = errorIn(answer.headers, answer.data);
    if (refused) throw refused;
    const decoded = decodeBody(entry.output, answer.data);
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
      const decoded = decodeBody(entry.input, message.data);
      if (parameters === null || !decoded.ok) {
        const reason = decoded.ok ? 'subject outside its alphabet' : decoded.reason;
        rejected(name, reason);
        return refuse(message, new OverseerError('invalid-input', `${name}: ${reason}`));
      }
      try {
        const from = { parameters: parameters as ParametersOf<typeof name>, replyTo: message.reply ?? '' };
        message.respond(encodeBody(name, entry.output, await handle(decoded.body as never, from)));
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
