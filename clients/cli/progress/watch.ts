// Follows a deployment until it ends: what was told before, then each line as it comes, and how it ended.
import { bodyOf } from '#clients/sdk/client.ts';
import { deploymentEvents } from '#clients/sdk/deployment-events.ts';
import { newestEvent } from '#clients/sdk/events.ts';
import { EXIT, type ExitCode, Failure } from '../failure.ts';
import type { Session } from '../session.ts';
import { connectionNews, type Write } from './connection-news.ts';
import { linesOf, linesSoFar } from './lines.ts';
import { type Deployment, exitCodeOf, isSettled, tally, verdict } from './outcome.ts';
import { startSpinner } from './spinner.ts';
import { after, isNews, mayAwait, whyNews } from './standing.ts';

export const eventsSoFar = ({ api }: Session): Promise<string> =>
  newestEvent(() => bodyOf(api.GET('/api/events', { params: { query: { limit: 1 } } })));

const deploymentOf = ({ api }: Session, id: string): Promise<Deployment> =>
  bodyOf(api.GET('/api/deployments/{id}', { params: { path: { id } } }));

function approval({ id }: Deployment): string {
  return `The next batch waits for your word: overseer deployment continue ${id} (or cancel)`;
}

/** Events don't say whether an operator's word is needed. The core may be away for a moment; then nothing is known. */
async function asked(session: Session, deployment: Deployment): Promise<Deployment> {
  const { awaitsApproval, reason } = await deploymentOf(session, deployment.id).catch(() => deployment);
  return { ...deployment, awaitsApproval, ...(awaitsApproval ? { reason } : {}) };
}

interface Watched {
  /** As it was last known; null before anything was. */
  readonly deployment: Deployment | null;
  /** False when the signal came first. */
  readonly isOver: boolean;
}

async function watched(session: Session, id: string, signal: AbortSignal): Promise<Watched> {
  const spinner = startSpinner();
  let deployment: Deployment | null = null;
  const nameOf = (node: string) =>
    deployment?.targets.find((target) => target.node === node)?.nodeName ?? node.slice(0, 8);
  const write: Write = (lines) => {
    if (lines.length > 0) spinner.above(() => lines.forEach(session.note));
  };
  try {
    for await (const event of deploymentEvents(session.connection, id, { signal, ...connectionNews(write) })) {
      const before: Deployment | null = deployment;
      if (before === null) {
        if (event.event !== 'deployment') continue;
        deployment = event.data;
        write(linesSoFar(deployment));
      } else {
        if (isNews(before, event)) write(linesOf(event, nameOf));
        deployment = after(before, event);
        if (mayAwait(deployment)) deployment = await asked(session, deployment);
      }
      write(whyNews(before, deployment));
      if (deployment.awaitsApproval && !before?.awaitsApproval) write([approval(deployment)]);
      spinner.say(tally(deployment));
      if (deployment.finishedAt === null && isSettled(deployment)) return { deployment, isOver: true };
    }
    return { deployment, isOver: !signal.aborted };
  } finally {
    spinner.stop();
  }
}

/** @returns how it ended */
export async function watchDeployment(
  session: Session,
  id: string,
  { waitMs }: { waitMs: number },
): Promise<{ deployment: Deployment; exitCode: ExitCode }> {
  const signal = AbortSignal.any([session.signal, AbortSignal.timeout(waitMs)]);
  const { deployment, isOver } = await watched(session, id, signal);
  const hint = `It goes on. Look at it with: overseer deployment get ${id}`;
  if (session.signal.aborted) throw new Failure(EXIT.interrupted, 'Stopped watching.', hint);
  if (deployment === null || !isOver) {
    const why = deployment?.reason ? `: ${deployment.reason}` : '';
    throw new Failure(EXIT.late, `Not done after ${waitMs / 1000} s${why}.`, hint);
  }
  for (const line of verdict(deployment)) session.note(line);
  return { deployment, exitCode: exitCodeOf(deployment) };
}
