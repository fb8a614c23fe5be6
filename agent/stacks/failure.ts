// Pure: what is told of the container that made a deployment fail.
import type { StackFailure } from '#subjects/schema/node-event.ts';
import { isDown, type SeenContainer } from './model.ts';

/** Enough to see a stack trace's end; the whole log is a question of its own. */
export const LAST_LINES = 20;
const LONGEST_LINE = 2000;
const FRAME_HEADER = 8;

export function failureOf(container: SeenContainer, lines: readonly string[]): StackFailure {
  const { service, name, exitCode, lastExit } = container;
  return { service, container: name, exitCode: exitCode ?? lastExit?.code ?? null, lines: lines.slice(-LAST_LINES) };
}

/** Of a step that failed: the container that its words name, or the one that the engine could not start. */
export function blamed(containers: readonly SeenContainer[], reason: string): SeenContainer | null {
  const isSick = ({ health }: SeenContainer) => health === 'unhealthy' || health === 'starting';
  const down = containers.filter((container) => isDown(container) || isSick(container));
  const isNamed = ({ name, service }: SeenContainer) => reason.includes(name) || reason.includes(`"${service}"`);
  return down.find(isNamed) ?? down.find(({ state, startError }) => state === 'created' || startError !== null) ?? null;
}

/** What a stack that does not come up waits for, in words; '' when that can't be told. */
export function whatHoldsUp(containers: readonly SeenContainer[]): string {
  const sick = containers.filter(({ state, health }) => state === 'running' && health !== null && health !== 'healthy');
  const isWaitedFor = containers.some(({ state }) => state === 'created');
  const jobs = containers.filter(
    ({ state, health, restartPolicy }) =>
      isWaitedFor &&
      state === 'running' &&
      health === null &&
      (restartPolicy === 'no' || restartPolicy === 'on-failure'),
  );
  const words = [
    ...sick.map(({ name, health }) => `${name} is ${health === 'starting' ? 'not healthy yet' : health}`),
    ...jobs.map(({ name }) => `${name} has not ended`),
  ];
  return words.slice(0, 3).join(', ');
}

/**
 * The engine frames each piece with its stream and length, unless the container has a terminal. Lines are cut only after
 * `redact` has seen them whole: half a secret is no longer found.
 */
export function logLines(raw: Uint8Array, redact: (line: string) => string = (line) => line): string[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  while (at < raw.length) {
    const [stream = 9, ...zeros] = raw.subarray(at, at + 4);
    if (stream > 2 || zeros.some((zero) => zero !== 0) || at + FRAME_HEADER > raw.length) return split([raw], redact);
    const length = new DataView(raw.buffer, raw.byteOffset + at + 4, 4).getUint32(0);
    pieces.push(raw.subarray(at + FRAME_HEADER, at + FRAME_HEADER + length));
    at += FRAME_HEADER + length;
  }
  return split(pieces, redact);
}

function split(pieces: readonly Uint8Array[], redact: (line: string) => string): string[] {
  const text = pieces.map((piece) => new TextDecoder().decode(piece)).join('');
  // As a whole: a value of several lines may have short ones.
  const lines = redact(text)
    .split('\n')
    .map((line) => line.trimEnd());
  return lines.filter((line) => line !== '').map((line) => line.slice(0, LONGEST_LINE));
}
