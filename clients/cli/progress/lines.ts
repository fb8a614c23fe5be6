// What a deployment's events say to somebody who watches it. Pure.
import type { StoredEvent } from '#clients/sdk/events.ts';

/** Name of a node by its id. */
export type NameOf = (id: string) => string;

type Told = Readonly<Record<string, unknown>>;

const text = (value: unknown) => (typeof value === 'string' ? value : '');

function finished(data: Told): string {
  const took = typeof data['durationMs'] === 'number' ? ` in ${(data['durationMs'] / 1000).toFixed(1)} s` : '';
  if (data['outcome'] === 'ok') return `${text(data['step'])}: done${took}`;
  const exit = typeof data['exitCode'] === 'number' ? `, exit code ${data['exitCode']}` : '';
  return `${text(data['step'])}: failed${took}${exit}${data['reason'] ? `: ${text(data['reason'])}` : ''}`;
}

function saidBy(fact: string, data: Told): string[] {
  switch (fact) {
    case 'step-started':
      return [`${text(data['step'])}: ${text(data['why'])}`];
    case 'step-output':
      return Array.isArray(data['lines']) ? data['lines'].map((line) => `  ${text(line)}`) : [];
    case 'step-finished':
      return [finished(data)];
    case 'stack-settled':
      return [`${text(data['outcome'])}${data['reason'] ? `: ${text(data['reason'])}` : ''}`];
    default:
      return [];
  }
}

export function factOf(event: StoredEvent): string {
  return event.type.split('.').at(-2) ?? '';
}

/** Is this event about that deployment? */
export function concerns(event: StoredEvent, deployment: string): boolean {
  return event.subject === `deployments/${deployment}` || event.data['deployment'] === deployment;
}

export function linesOf(event: StoredEvent, nameOf: NameOf): string[] {
  const [, node = ''] = /^nodes\/(.+)$/.exec(event.subject) ?? [];
  return node === '' ? [] : saidBy(factOf(event), event.data).map((line) => `${nameOf(node)}  ${line}`);
}
