// Waiting for what was begun, unless told otherwise; the exit code says how it ended.
import type { Command } from 'commander';
import { duration } from '../options.ts';
import { showOne } from '../output/render.ts';
import { watchDeployment } from '../progress/watch.ts';
import type { Session } from '../session.ts';

export interface Waiting {
  readonly detach?: boolean;
  readonly wait?: number;
}

const LONG_MS = 10 * 60_000;

export function waitOption(command: Command): Command {
  return command.option('--wait <time>', 'how long to wait for the end; 10m unless given', duration);
}

export function waitingOptions(command: Command): Command {
  return waitOption(command.option('-d, --detach', 'do not wait for the end'));
}

export async function followed(session: Session, id: string, { detach, wait }: Waiting): Promise<void> {
  const { view } = session;
  const parts = { name: () => `deployments/${id}`, id: () => id };
  if (detach) return showOne(view, parts, { deployment: id }, () => `${id}\n`);
  const { deployment, exitCode } = await watchDeployment(session, id, { waitMs: wait ?? LONG_MS });
  showOne(view, parts, deployment, () => '');
  process.exitCode = exitCode;
}

interface Answer {
  readonly name: string;
  readonly revision: number;
  readonly deployment: string | null;
  readonly changed: boolean;
  readonly warnings?: readonly string[];
}

/** What a change of a stack was answered, told and then followed. */
export async function told(session: Session, answer: Answer, same: string, waiting: Waiting): Promise<void> {
  const { note, view } = session;
  const { name, revision, deployment, changed, warnings = [] } = answer;
  for (const warning of warnings) note(`warning: ${warning}`);
  if (!changed || deployment === null) {
    note(`${name} revision ${revision}: ${changed ? 'no deployment is needed' : same}`);
    return showOne(view, { name: () => `stacks/${name}`, id: () => deployment ?? name }, answer, () => '');
  }
  note(`${name} revision ${revision}, deployment ${deployment}`);
  await followed(session, deployment, waiting);
}
