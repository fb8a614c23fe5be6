// One deployment, followed live: a snapshot that is complete up to one place of the event stream, all that is told after
// that place, and a last snapshot when it has ended.
import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, LiveMessage } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { CloudEvent } from '#subjects/schema/cloud-event.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import { deploymentFramer, frameOf, isBeginning, isFinish } from './deployment-frames.ts';
import { completed, type ToldStep, toldStep } from './deployment-snapshot.ts';
import type { Frame } from './sse.ts';
import type { LiveStream } from './stream.ts';

/** The scheduler follows the stream within moments; further back it has put down all. */
const BEHIND_MAX = 2048;
const PAGE = 256;
/** The core may start again just when a deployment ends. */
const LAST_TRIES = 30;
const LAST_PAUSE_MS = 1000;

export interface Sources {
  readonly bus: Bus;
  readonly events: LiveStream;
}

const eventOf = ({ body }: LiveMessage) => body as CloudEvent;

/** What was told of the deployment up to a place, oldest first, as far back as the scheduler may be behind. */
async function toldBefore(events: LiveStream, id: string, place: number): Promise<CloudEvent[]> {
  const found: CloudEvent[] = [];
  let cursor: number | null = place + 1;
  for (let read = 0; cursor !== null && read < BEHIND_MAX; read += PAGE) {
    const { messages, next } = await events.before(cursor, PAGE);
    for (const event of messages.map(eventOf)) {
      if (event.subject === `deployments/${id}` || event.data['deployment'] === id) found.push(event);
      if (isBeginning(event, id)) return found.reverse();
    }
    cursor = next;
  }
  return found.reverse();
}

interface Standing {
  readonly deployment: Deployment;
  /** Sequence up to which it is complete. */
  readonly place: number;
}

/** The deployment first, the place after it: what the scheduler had put down by then stands before that place. */
export async function standing({ bus, events }: Sources, id: string): Promise<Standing> {
  const deployment = await bus.request('getDeployment', {}, { id });
  return { deployment, place: await events.last() };
}

async function complete(sources: Sources, begun: Standing): Promise<Standing> {
  const { id } = begun.deployment;
  let { deployment, place } = begun;
  let told = await toldBefore(sources.events, id, place);
  // It ended between the two questions: nothing more would come that says so.
  if (deployment.finishedAt === null && told.some((event) => isFinish(event, id))) {
    ({ deployment, place } = await standing(sources, id));
    told = await toldBefore(sources.events, id, place);
  }
  const steps = told.map((event) => toldStep(event, id)).filter((step): step is ToldStep => step !== null);
  return { deployment: completed(deployment, steps), place };
}

async function lastWord({ bus }: Sources, id: string, signal: AbortSignal): Promise<Deployment> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await bus.request('getDeployment', {}, { id });
    } catch (error) {
      const isPassing = error instanceof OverseerError && (error.code === 'unavailable' || error.code === 'timeout');
      if (!isPassing || tries === LAST_TRIES || signal.aborted) throw error;
      await pause(LAST_PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }
}

const ending = (deployment: Deployment, sequence: number): Frame[] => [
  frameOf('deployment', sequence, deployment),
  frameOf('end', sequence, {}),
];

/** `from`: the last sequence that the caller knows of this deployment; null: it knows nothing. */
export async function* deploymentFrames(
  sources: Sources,
  begun: Standing,
  from: number | null,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  const { deployment, place } = from === null ? await complete(sources, begun) : begun;
  const { id } = deployment;
  const isOver = deployment.finishedAt !== null;
  if (from === null && isOver) return yield* ending(deployment, place);
  if (from === null) yield frameOf('deployment', place, deployment);
  const start = from ?? place;
  const framed = deploymentFramer(deployment);
  const { events } = sources;
  for await (const message of isOver ? events.between(start, place, signal) : events.follow(start, signal)) {
    const event = eventOf(message);
    const frame = framed(event, message.streamSequence);
    if (frame) yield frame;
    if (isFinish(event, id)) return yield* ending(await lastWord(sources, id, signal), message.streamSequence);
  }
  if (isOver && !signal.aborted) yield* ending(deployment, Math.max(start, place));
}
