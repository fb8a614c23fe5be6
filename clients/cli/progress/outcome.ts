// How a deployment stands, and with which exit code it ends. Pure.
import type { Deployment } from '#clients/sdk/deployment-events.ts';
import { EXIT, type ExitCode } from '../failure.ts';

export type { Deployment };

type Target = Deployment['targets'][number];

const isOpen = ({ state }: Pick<Target, 'state'>) => state === 'held' || state === 'pending' || state === 'progressing';
const isFailed = ({ state }: Pick<Target, 'state'>) => state === 'failed' || state === 'rolled-back';

/** Nothing more is to come while we wait: it ended, or only nodes that are away are left. */
export function isSettled(deployment: Deployment): boolean {
  if (deployment.finishedAt !== null) return true;
  const open = deployment.targets.filter(isOpen);
  return open.length > 0 && open.every(({ parked }) => parked);
}

const names = (targets: readonly Target[]) => targets.map(({ nodeName }) => nodeName).join(', ');
const nodes = (count: number) => `${count} ${count === 1 ? 'node' : 'nodes'}`;
const because = (reason: string | null) => (reason ? `: ${reason}` : '');

export function exitCodeOf(deployment: Deployment): ExitCode {
  const { state, targets, finishedAt } = deployment;
  if (state === 'succeeded') return EXIT.ok;
  if (state === 'superseded') return EXIT.conflict;
  if (finishedAt === null && targets.some(isOpen)) return EXIT.late;
  return targets.some((target) => target.state === 'succeeded') ? EXIT.partial : EXIT.failed;
}

export function whatOf({ stack, revision, kind }: Deployment): string {
  if (kind === 'remove') return `${stack} removed`;
  return kind === 'apply' ? `${stack} revision ${revision}` : `${stack} ${kind}`;
}

/** The container that made it fail, and what it said last. */
export function failureOf({ failure }: Target): string[] {
  if (failure === null) return [];
  const { service, container, exitCode, lines } = failure;
  const exit = exitCode === null ? '' : ` ended with exit code ${exitCode}`;
  const head = `  service ${service} (${container})${exit}${lines.length > 0 ? '; its last lines:' : ''}`;
  return [head, ...lines.map((line) => `    ${line}`)];
}

function failedOn(what: string, target: Target): string[] {
  const { state, nodeName, reason } = target;
  if (state === 'failed') return [`${what}: failed on ${nodeName}${because(reason)}`, ...failureOf(target)];
  const head = `${what}: failed on ${nodeName} and rolled back${because(reason)}`;
  return [head, ...failureOf(target), '  the last good revision runs again'];
}

function whenBack(parked: readonly Target[]): string {
  const they = parked.length === 1 ? 'it follows when it is back' : 'they follow when they are back';
  return `waits for ${names(parked)}, not online; ${they}`;
}

/** How to get on after a failure. */
function wayOut({ kind, stack, targets }: Deployment): string[] {
  const isLeft = targets.some(({ state }) => state === 'failed' || state === 'succeeded');
  if (kind !== 'apply' || !targets.some(isFailed) || !isLeft) return [];
  return [`Go back to the last good revision: overseer stack rollback ${stack}`];
}

/** The last word. */
export function verdict(deployment: Deployment): string[] {
  const { state, kind, targets, reason, finishedAt } = deployment;
  const what = whatOf(deployment);
  if (state === 'succeeded') {
    if (targets.length > 0) return [`${what}: succeeded on ${nodes(targets.length)}`];
    return [kind === 'remove' ? what : `${what}: no node matches its targets`];
  }
  if (state === 'superseded') return [`${what}: superseded by a newer change`];
  const failed = targets.filter(isFailed);
  const open = targets.filter(isOpen);
  const parked = open.filter((target) => target.parked);
  const lines = failed.flatMap((target) => failedOn(what, target));
  if (failed.length === 0 && state !== 'progressing' && state !== 'pending')
    lines.push(`${what}: ${state}${because(reason)}`);
  if (finishedAt !== null && open.length > 0) lines.push(`${what}: did not reach ${names(open)}`);
  else if (parked.length > 0) lines.push(`${what}: ${whenBack(parked)}`);
  return lines.length > 0 ? [...lines, ...wayOut(deployment)] : [`${what}: ${state}${because(reason)}`];
}

/** `2 of 3 nodes`, for a line that moves. */
export function tally({ targets, awaitsApproval }: Deployment): string {
  const done = targets.filter((target) => !isOpen(target)).length;
  return `${done} of ${nodes(targets.length)}${awaitsApproval ? ', waits for approval' : ''}`;
}
