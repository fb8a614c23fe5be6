// Feeds: told without an answer, lost without harm. There must never be a way to answer one: a service that tells all nodes
// could name any reply subject, and a node's answer would go there with the node's rights.
import { isService } from '#subjects/principals.ts';
import { parseSubject, patternOf, subjectOf } from '#subjects/subject.ts';
import type { Bus } from './bus.ts';
import { decodeBody, encodeBody } from './messages.ts';
import { entryOf, type Speaker, subscribed } from './speaker.ts';

export function teller(speaker: Speaker): Bus['tell'] {
  return (name, parameters, body) => {
    const entry = entryOf(name, 'feed');
    const payload = encodeBody(name, entry.schema, body);
    const subject = subjectOf(entry.subject, parameters as object);
    if (!speaker.nc.isClosed()) speaker.nc.publish(subject, payload);
  };
}

/** Of the replicas of a service one hears each; of nodes every one. */
function queueOf({ principal }: Speaker): string | undefined {
  return isService(principal) ? principal : undefined;
}

export function listener(speaker: Speaker): Bus['listen'] {
  return (name, handle) => {
    const entry = entryOf(name, 'feed');
    return subscribed(speaker, patternOf(entry.subject), queueOf(speaker), (message) => {
      const parameters = parseSubject(entry.subject, message.subject);
      const decoded = decodeBody(entry.schema, message.data);
      if (parameters === null) return speaker.rejected(name, 'subject outside its alphabet');
      if (!decoded.ok) return speaker.rejected(name, decoded.reason);
      try {
        handle(decoded.body as never, parameters as never);
      } catch (error) {
        speaker.log.error({ message: name, err: error }, 'a message of a feed was not handled');
      }
    });
  };
}
