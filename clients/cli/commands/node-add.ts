// overseer node add: a token, the command to paste, and the wait for whoever uses it.
import { bodyOf } from '#clients/sdk/client.ts';
import { events } from '#clients/sdk/events.ts';
import { EXIT, Failure } from '../failure.ts';
import { allNodes, type Node } from '../nodes.ts';
import { showOne } from '../output/render.ts';
import { factOf } from '../progress/lines.ts';
import { startSpinner } from '../progress/spinner.ts';
import { eventsSoFar } from '../progress/watch.ts';
import type { Session } from '../session.ts';

interface AddOptions {
  readonly name?: string;
  readonly label?: Record<string, string>;
  readonly uses?: number;
  readonly ttl?: number;
  readonly wait: boolean;
}

/** The first node that is online and was not known before. */
async function arrival(
  session: Session,
  known: ReadonlySet<string>,
  after: string,
  until: AbortSignal,
): Promise<Node | null> {
  const signal = AbortSignal.any([session.signal, until]);
  const spinner = startSpinner();
  spinner.say('waiting for the node');
  const seen = new Set(known);
  try {
    for await (const event of events(session.connection, { after, signal })) {
      const fact = factOf(event);
      const id = event.subject.replace(/^nodes\//, '');
      if (fact === 'registered' && !seen.has(id)) {
        seen.add(id);
        spinner.above(() => session.note('a node has registered'));
      }
      if (fact !== 'online' || known.has(id)) continue;
      return await bodyOf(session.api.GET('/api/nodes/{id}', { params: { path: { id } } }));
    }
    return null;
  } finally {
    spinner.stop();
  }
}

export async function addNode(session: Session, { name, label, uses, ttl, wait }: AddOptions): Promise<void> {
  const { api, view, note } = session;
  const after = await eventsSoFar(session);
  const known = new Set((await allNodes(api)).map(({ id }) => id));
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(label === undefined ? {} : { labels: label }),
    ...(uses === undefined ? {} : { uses }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
  };
  const issued = await bodyOf(api.POST('/api/enrollment-tokens', { body }));
  const parts = { name: () => `enrollment-tokens/${issued.id}`, id: () => issued.id };
  if (!wait || (view.format !== 'table' && view.format !== 'wide')) {
    return showOne(view, parts, issued, () => `${issued.command}\n`);
  }
  note(`Paste this on the new machine, in a checkout of Overseer (valid until ${issued.expiresAt}):`);
  view.write(`\n${issued.command}\n\n`);
  const lifeMs = Math.max(1000, Math.min(2 ** 31 - 1, Date.parse(issued.expiresAt) - Date.now()));
  const node = await arrival(session, known, after, AbortSignal.timeout(lifeMs));
  const again = 'Look for it with: overseer node ls';
  if (node) return note(`${node.name} is online (${node.id})`);
  if (session.signal.aborted) throw new Failure(EXIT.interrupted, 'Stopped waiting; the token stays valid.', again);
  throw new Failure(EXIT.late, 'The token has expired and no node came.', 'Make another: overseer node add');
}
