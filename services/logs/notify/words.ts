// Pure. A message in words: one line that says it, one that says more, and where to look.
import type { Severity } from '#subjects/schema/notification.ts';
import type { Saying, Standing } from './alarm.ts';
import { type Signal, severityOf } from './signals.ts';

export interface Message {
  readonly condition: string;
  readonly severity: Severity;
  readonly what: Saying['what'] | 'test';
  readonly title: string;
  readonly text: string;
  /** Page of the console; null when nobody said where that is. */
  readonly link: string | null;
  readonly at: string;
  readonly node: { readonly id: string; readonly name: string } | null;
  readonly stack: string | null;
  /** How often it happened since the last message. */
  readonly count: number;
  /** Id of the last event it tells of; null for a test. */
  readonly event: string | null;
}

interface Told {
  readonly signal: Signal;
  readonly saying: Saying;
  readonly nodeName: string | null;
  readonly publicUrl: string | null;
  readonly at: number;
}

const DETAIL_MAX = 500;

function minutes(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

const HEALTH: Readonly<Record<Standing, string>> = { better: 'healthy', worse: 'unhealthy', ended: 'down' };
const times = (count: number) => (count === 1 ? 'once' : `${count} times`);

function titleOf({ condition, stack }: Signal, { what, count, standing }: Saying, node: string): string {
  const on = node === '' ? '' : ` on ${node}`;
  switch (condition) {
    case 'node-registered':
      return `${node} was added`;
    case 'node-offline':
      if (what === 'flapping') return `${node} is flapping: offline ${times(count)}`;
      if (what === 'steady') return `${node} is steady again: ${standing === 'worse' ? 'offline' : 'online'}`;
      return what === 'better' ? `${node} is back online` : `${node} is offline`;
    case 'stack-unhealthy':
      if (what === 'flapping') return `${stack}${on}: its health is flapping, unhealthy ${times(count)}`;
      if (what === 'ended') return `${stack}${on}: what was unhealthy is down`;
      if (what === 'steady') return `${stack}${on} is steady again: ${HEALTH[standing]}`;
      return what === 'better' ? `${stack}${on} is healthy again` : `${stack}${on} is unhealthy`;
    case 'container-restarting':
      if (what === 'better') return `${stack}${on} runs again`;
      if (what === 'flapping') return `${stack}${on} keeps restarting: died ${times(count)}`;
      return `${stack}${on} ${standing === 'worse' ? 'stopped restarting: it is down' : 'no longer restarts'}`;
    case 'deployment-failed':
      return count > 1 ? `${stack}: ${count} deployments failed` : `${stack}: a deployment failed`;
    case 'deployment-succeeded':
      return count > 1 ? `${stack}: ${count} deployments succeeded` : `${stack} was deployed`;
    case 'stack-drifted':
      return `${stack}${on} was changed by hand${count > 1 ? ` (${times(count)})` : ''}`;
    case 'document-rejected':
      return `${node} refused its document${count > 1 ? ` ${times(count)}` : ''}`;
    case 'logs-lost':
      return `Log lines of ${stack}${on} were lost${count > 1 ? ` ${times(count)}` : ''}`;
    case 'audit-contradicted':
      return `${node} holds a checkpoint that the audit contradicts`;
    case 'events-lost':
      return `Events of ${node} were lost${count > 1 ? ` ${times(count)}` : ''}`;
    default:
      return condition satisfies never;
  }
}

function textOf({ condition, detail, at: since }: Signal, { what, count }: Saying, at: number): string {
  const parts: string[] = [];
  if (detail) parts.push(detail.length > DETAIL_MAX ? `${detail.slice(0, DETAIL_MAX).toWellFormed()}…` : detail);
  if (what === 'worse') parts.push(`for ${minutes(at - since)}`);
  if (what === 'worse' && count > 1) parts.push(`${times(count - 1)} more before that, too short to be told`);
  if ((what === 'better' || what === 'ended') && count > 0) parts.push(`${times(count)} in between`);
  if (what === 'steady' && count > 0) parts.push(`${times(count)} more since it was told`);
  if (what === 'flapping' && condition !== 'container-restarting') {
    parts.push('no more is said until it rests');
  }
  return parts.join('; ');
}

function linkOf({ node, stack, deployment }: Signal, publicUrl: string | null): string | null {
  if (publicUrl === null) return null;
  const base = publicUrl.replace(/\/+$/, '');
  if (deployment !== null) return `${base}/deployments/${deployment}`;
  if (stack !== null) return `${base}/stacks/${encodeURIComponent(stack)}`;
  return node === null ? base : `${base}/nodes/${node}`;
}

export function messageOf({ signal, saying, nodeName, publicUrl, at }: Told): Message {
  const { condition, node, stack, event } = signal;
  const name = nodeName ?? node?.slice(0, 8) ?? '';
  const isGood = saying.what === 'better' || (saying.what === 'steady' && saying.standing === 'better');
  const title = titleOf(signal, saying, name);
  return {
    ...{ condition, title, stack, event, what: saying.what, count: saying.count },
    severity: isGood ? 'info' : severityOf(condition),
    text: textOf(signal, saying, at),
    link: linkOf(signal, publicUrl),
    at: new Date(at).toISOString(),
    node: node === null ? null : { id: node, name },
  };
}

export function testMessage(name: string, publicUrl: string | null, at: number): Message {
  return {
    ...{ condition: 'test', severity: 'info', what: 'test', node: null, stack: null, count: 1, event: null },
    title: 'A test of Overseer',
    text: `Messages for ${name} arrive here.`,
    link: publicUrl,
    at: new Date(at).toISOString(),
  };
}
