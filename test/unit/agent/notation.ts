// One line for a state and one for a plan. A stack is `name@hash:state`, several by spaces; a `removed` entry `-name`
// (`-name!` with its volumes); a plan is steps by ` | `. Hashes are one letter. Of a wanted stack `~` says that it may go
// back to its last good version, `?` that drift is only reported.
//
// observed states: run, exit (code 1), done (job that ended with 0), gone (container taken away), new (never applied,
// containers of somebody), stopped, begun (another version was begun since), or changed by hand: halt (stopped), alien
// (a container too many), conf (made from another configuration), mem (its memory limit), tag (its image's tag), file
// (a file on disk); `old` mounts files that were others when it was made. A `j` before it: beside a job that has ended.
// An `up` of some services alone is `up web@a[a]`. `x3` after it counts tries, the last one just
// now; `+` that its deployment has its outcome; `<a` names the last good version, `!b` the one that was given up.

import { appliedContainers } from '#agent/stacks/applied.ts';
import { newRecord, type Observed, type SeenContainer, type SeenStack } from '#agent/stacks/model.ts';
import type { Plan } from '#agent/stacks/plan.ts';
import type { Step } from '#agent/stacks/steps.ts';
import type { DesiredDocument, DesiredStack, RemovedStack } from '#subjects/schema/desired.ts';
import { PLAIN_CONTAINER } from '#test/harness/container.ts';
import { PLAIN } from '#test/harness/desired.ts';

export const NOW = Date.parse('2026-01-01T00:00:00Z');
export const hashOf = (letter: string) => letter.repeat(64);
const nameOf = (hash: string) => hash[0] ?? '?';

export function container(stack: string, more: Partial<SeenContainer> = {}): SeenContainer {
  const own = { id: `${stack}-id`, name: `${stack}-a-1`, stack, startedAt: NOW - 60_000 };
  return { ...PLAIN_CONTAINER, ...own, ...more };
}

/** What is there instead of one container that runs. */
const STATES: Readonly<Record<string, (one: SeenContainer) => Partial<SeenStack>>> = {
  run: () => ({}),
  exit: (one) => ({ containers: [{ ...one, state: 'exited', exitCode: 1 }] }),
  done: (one) => ({ containers: [{ ...one, state: 'exited', exitCode: 0 }] }),
  gone: () => ({ containers: [] }),
  new: () => ({ record: null }),
  stopped: (one) => ({ containers: [{ ...one, state: 'exited' }] }),
  begun: () => ({}),
  halt: (one) => ({ containers: [{ ...one, state: 'exited', exitCode: 143, isStopAsked: true }] }),
  alien: (one) => ({ containers: [one, { ...one, id: 'x', name: `${one.stack}-x-1`, service: 'x' }] }),
  conf: (one) => ({ containers: [{ ...one, configHash: 'other' }] }),
  mem: (one) => ({ containers: [{ ...one, settings: { memory: '32' } }] }),
  tag: (one) => ({ containers: [{ ...one, taggedId: 'sha256:other' }] }),
  file: () => ({ changedFiles: [{ path: 'compose.yaml', state: 'changed' }] }),
  old: (one) => ({ containers: [{ ...one, mounts: [''] }] }),
};

function seen(text: string): [string, SeenStack] {
  const parsed = /^([a-z]+)@([a-z]):(j)?([a-z]+)(?:x(\d))?(\+)?(?:<([a-z]))?(?:!([a-z]))?$/.exec(text) ?? [];
  const [, name = '', letter = '', job, state = '', tries, settled, good, rejected] = parsed;
  const hash = hashOf(letter);
  const attempts =
    tries === undefined ? null : { hash, count: Number(tries), lastAt: NOW, failure: null, permanent: false };
  const one = container(name);
  const ended = { service: 'j', state: 'exited', exitCode: 0, restartPolicy: 'no' } as const;
  const jobs = job === undefined ? [] : [container(name, { id: `${name}-j`, name: `${name}-j-1`, ...ended })];
  const services = { a: 1, ...(job === undefined ? {} : { j: 1 }) };
  const brought = { appliedHash: hash, appliedAt: NOW - 60_000, begunHash: hash, services };
  const record = {
    ...newRecord(name),
    ...brought,
    ...(state === 'stopped' ? { appliedHash: null, stoppedHash: hash } : {}),
    ...(state === 'begun' ? { begunHash: hashOf('z') } : {}),
    applied: appliedContainers({}, [one, ...jobs], {}),
    attempts,
    settled: settled === undefined ? null : { hash, deployment: null, ok: true },
    rejected:
      rejected === undefined
        ? null
        : { hash: hashOf(rejected), deployment: null, revision: 2, reason: 'it crashed', failure: null },
  };
  const change = STATES[state];
  if (change === undefined) throw new Error(`no such state: ${text}`);
  const kept = good === undefined ? null : stack(name, good, { rollback: true });
  const whole = { record, containers: [one], good: kept, changedFiles: [], ...change(one) };
  return [name, { ...whole, containers: [...whole.containers, ...jobs] }];
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
      const [, name = '', letter = '', flags = '', state] = /^([a-z]+)@([a-z])([~?]*)(?::(stop))?$/.exec(word) ?? [];
      return stack(name, letter, {
        // What `old` mounts.
        files: { conf: 'new' },
        ...(flags.includes('~') ? { rollback: true, revision: 2 } : {}),
        ...(flags.includes('?') ? { drift: 'report' } : {}),
        ...(state === 'stop' ? { state: 'stopped' } : {}),
      });
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
  const services = step.kind === 'up' && step.services.length > 0 ? `[${step.services.join()}]` : '';
  return `${step.kind} ${step.stack}@${nameOf(step.target.hash)}${services}`;
}

export function planText({ steps, blocked }: Plan): string {
  const waits = blocked.map(({ stack, until }) => {
    return `blocked ${stack} ${until === 'resumed' ? until : `${(until - NOW) / 1000}s`}`;
  });
  return [...steps.map(stepText), ...waits].join(' | ');
}
