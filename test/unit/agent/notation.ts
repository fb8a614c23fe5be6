// One line for a state and one for a plan. A stack is `name@hash:state`, several by spaces; a `removed` entry `-name`
// (`-name!` with its volumes); a plan is steps by ` | `. Hashes are one letter.
//
// observed states: run, exit (code 1), done (job that ended with 0), gone (container taken away), new (never applied,
// containers of somebody), stopped; `x3` after it counts tries, the last one just now.

import { newRecord, type Observed, type SeenContainer, type SeenStack } from '#agent/stacks/model.ts';
import type { Plan } from '#agent/stacks/plan.ts';
import type { Step } from '#agent/stacks/steps.ts';
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import { PLAIN } from '#test/harness/desired.ts';

export const NOW = Date.parse('2026-01-01T00:00:00Z');
export const hashOf = (letter: string) => letter.repeat(64);
const nameOf = (hash: string) => hash[0] ?? '?';

export function container(stack: string, more: Partial<SeenContainer> = {}): SeenContainer {
  return {
    id: `${stack}-id`,
    name: `${stack}-a-1`,
    stack,
    service: 'a',
    image: 'busybox',
    state: 'running',
    health: null,
    exitCode: null,
    oomKilled: false,
    restarts: 0,
    startedAt: NOW - 60_000,
    restartPolicy: 'no',
    ...more,
  };
}

function seen(text: string): [string, SeenStack] {
  const [, name = '', letter = '', state = '', tries] = /^([a-z]+)@([a-z]):([a-z]+)(?:x(\d))?$/.exec(text) ?? [];
  const hash = hashOf(letter);
  const attempts =
    tries === undefined ? null : { hash, count: Number(tries), lastAt: NOW, failure: null, permanent: false };
  const record = { ...newRecord(name), appliedHash: hash, appliedAt: NOW - 60_000, services: { a: 1 }, attempts };
  switch (state) {
    case 'run':
      return [name, { record, containers: [container(name)] }];
    case 'exit':
      return [name, { record, containers: [container(name, { state: 'exited', exitCode: 1 })] }];
    case 'done':
      return [name, { record, containers: [container(name, { state: 'exited', exitCode: 0 })] }];
    case 'gone':
      return [name, { record, containers: [] }];
    case 'new':
      return [name, { record: null, containers: [container(name)] }];
    case 'stopped':
      return [
        name,
        {
          record: { ...record, appliedHash: null, stoppedHash: hash },
          containers: [container(name, { state: 'exited' })],
        },
      ];
    default:
      throw new Error(`no such state: ${text}`);
  }
}

export function observed(text: string, missing: readonly string[] = []): Observed {
  const stacks = text.split(' ').filter((word) => word !== '');
  return { stacks: new Map(stacks.map(seen)), missingImages: new Set(missing) };
}

export function stack(name: string, letter: string, more: Partial<DesiredStack> = {}): DesiredStack {
  return {
    name,
    revision: 1,
    deployment: null,
    hash: hashOf(letter),
    compose: `services: {a: {image: image-${letter}}}`,
    files: {},
    env: {},
    state: 'running',
    stabilitySeconds: 2,
    healthTimeoutSeconds: 120,
    ...PLAIN,
    ...more,
  };
}

export function desired(text: string, config: Partial<DesiredDocument['config']> = {}) {
  const words = text.split(' ').filter((word) => word !== '');
  const stacks = words
    .filter((word) => !word.startsWith('-'))
    .map((word) => {
      const [, name = '', letter = '', state] = /^([a-z]+)@([a-z])(?::(stop))?$/.exec(word) ?? [];
      return stack(name, letter, state === 'stop' ? { state: 'stopped' } : {});
    });
  const removed = words
    .filter((word) => word.startsWith('-'))
    .map((word): RemovedStack => {
      return { name: word.replace(/[-!]/g, ''), deployment: null, generation: 7, volumes: word.endsWith('!') };
    });
  const usual = { name: 'n', labels: {}, heartbeatSeconds: 10, paused: false, drained: false };
  return { config: { ...usual, ...config }, stacks, removed };
}

function stepText(step: Step): string {
  if (step.kind === 'down') return `down ${step.stack}${step.volumes ? '!' : ''}`;
  return `${step.kind} ${step.stack}@${nameOf(step.target.hash)}`;
}

export function planText({ steps, blocked }: Plan): string {
  const waits = blocked.map(({ stack, until }) => {
    return `blocked ${stack} ${until === 'resumed' ? until : `${(until - NOW) / 1000}s`}`;
  });
  return [...steps.map(stepText), ...waits].join(' | ');
}
