// How a deployment stands, and with which exit code it ends. Pure.
import type { Schemas } from '#clients/sdk/client.ts';
import { EXIT, type ExitCode } from '../failure.ts';

export type Deployment = Schemas['Deployment'];
type Target = Deployment['targets'][number];

const isOpen = ({ state }: Target) => state === 'pending' || state === 'progressing';

/** Nothing more is to come while we wait: it ended, or only nodes that are away are left. */
export function isSettled(deployment: Deployment): boolean {
  if (deployment.finishedAt !== null) return true;
  const open = deployment.targets.filter(isOpen);
  return open.length > 0 && open.every(({ parked }) => parked);
}

const names = (targets: readonly Target[]) => targets.map(({ nodeName }) => nodeName).join(', ');

export function exitCodeOf(deployment: Deployment): ExitCode {
  if (deployment.state === 'succeeded') return EXIT.ok;
  if (deployment.state === 'superseded') return EXIT.conflict;
  if (deployment.targets.some(isOpen)) return EXIT.late;
  return deployment.targets.some(({ state }) => state === 'succeeded') ? EXIT.partial : EXIT.failed;
}

/** The last word. */
export function verdict(deployment: Deployment): string[] {
  const { stack, revision, state, kind, targets, reason } = deployment;
  const what = kind === 'remove' ? `${stack} removed` : `${stack} revision ${revision}`;
  const count = `${targets.length} ${targets.length === 1 ? 'node' : 'nodes'}`;
  if (state === 'succeeded') {
    if (targets.length > 0) return [`${what}: succeeded on ${count}`];
    return [kind === 'remove' ? what : `${what}: no node matches its targets`];
  }
  if (state === 'superseded') return [`${what}: superseded by a newer change`];
  const failed = targets.filter((target) => target.state === 'failed');
  const parked = targets.filter((target) => isOpen(target) && target.parked);
  const lines = failed.map(
    (target) => `${what}: failed on ${target.nodeName}${target.reason ? `: ${target.reason}` : ''}`,
  );
  if (failed.length === 0 && state === 'failed') lines.push(`${what}: failed${reason ? `: ${reason}` : ''}`);
  if (parked.length > 0) lines.push(`${what}: waits for ${names(parked)}, not online; it follows when it returns`);
  return lines.length > 0 ? lines : [`${what}: ${state}`];
}

/** `2 of 3 nodes`, for a line that moves. */
export function tally({ targets }: Deployment): string {
  const done = targets.filter((target) => !isOpen(target)).length;
  return `${done} of ${targets.length} ${targets.length === 1 ? 'node' : 'nodes'}`;
}
