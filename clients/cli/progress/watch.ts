// Follows a deployment until it ends: its events are written as they come, its state is asked when one changes it.
import { bodyOf } from '#clients/sdk/client.ts';
import { events, newestEvent } from '#clients/sdk/events.ts';
import { EXIT, type ExitCode, Failure } from '../failure.ts';
import type { Session } from '../session.ts';
import { concerns, factOf, linesOf } from './lines.ts';
import { type Deployment, exitCodeOf, isSettled, tally, verdict } from './outcome.ts';
import { startSpinner } from './spinner.ts';

const CHANGING = new Set(['created', 'progressed', 'finished', 'stack-settled']);
/** Should an event be lost on its way, this finds out. */
const ASK_EVERY_MS = 3_000;
/** What was said before the end may still be on its way. */
const LAST_EVENTS_MS = 300;

export const eventsSoFar = ({ api }: Session): Promise<string> =>
  newestEvent(() => bodyOf(api.GET('/api/events', { params: { query: { limit: 1 } } })));

export const deploymentOf = ({ api }: Session, id: string): Promise<Deployment> =>
  bodyOf(api.GET('/api/deployments/{id}', { params: { path: { id } } }));

/** `after`: the place in the events before the change was asked for. @returns how it ended */
export async function watchDeployment(
  session: Session,
  id: string,
  { after, waitMs }: { after: string; waitMs: number },
): Promise<{ deployment: Deployment; exitCode: ExitCode }> {
  const spinner = startSpinner();
  const ended = new AbortController();
  const late = AbortSignal.timeout(waitMs);
  const signal = AbortSignal.any([session.signal, ended.signal, late]);
  let deployment = await deploymentOf(session, id);
  const nameOf = (node: string) =>
    deployment.targets.find((target) => target.node === node)?.nodeName ?? node.slice(0, 8);
  const ask = async () => {
    deployment = await deploymentOf(session, id);
    spinner.say(tally(deployment));
    return isSettled(deployment);
  };
  const timer = setInterval(async () => {
    if (await ask().catch(() => false)) setTimeout(() => ended.abort(), LAST_EVENTS_MS);
  }, ASK_EVERY_MS);
  try {
    spinner.say(tally(deployment));
    for await (const event of events(session.connection, { after, signal })) {
      if (!concerns(event, id)) continue;
      const said = linesOf(event, nameOf);
      if (said.length > 0) spinner.above(() => said.forEach(session.note));
      if (CHANGING.has(factOf(event)) && (await ask())) ended.abort();
    }
  } finally {
    clearInterval(timer);
    spinner.stop();
  }
  const hint = `It goes on. Look at it with: overseer deployment get ${id}`;
  if (session.signal.aborted) throw new Failure(EXIT.interrupted, 'Stopped watching.', hint);
  if (!ended.signal.aborted) throw new Failure(EXIT.late, `Not done after ${waitMs / 1000} s.`, hint);
  for (const line of verdict(deployment)) session.note(line);
  return { deployment, exitCode: exitCodeOf(deployment) };
}
