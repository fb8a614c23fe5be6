// Tells the core every few seconds that this agent lives. It asks nothing of the engine or the disk, so that neither can
// make a living agent look dead.
import type { Bus } from '#infra/nats/bus.ts';
import { heartbeatDelayMs } from './heartbeat-schedule.ts';

export interface HeartbeatFacts {
  readonly bootId: string;
  readonly agentVersion: string;
  /** As they are now. */
  current(): { intervalSeconds: number; observedGeneration: number; documentHash: string | null };
}

export interface Heart {
  /** One now; the next ones follow from it, at the interval of now. */
  beat(): void;
  stop(): void;
}

export function startHeartbeat(
  node: string,
  facts: HeartbeatFacts,
  bus: () => Pick<Bus, 'tell' | 'isConnected'> | null,
  clock: { now(): number; random(): number },
): Heart {
  let sequence = 0;
  let timer: NodeJS.Timeout | undefined;

  function beat(): void {
    const link = bus();
    if (!link?.isConnected) return;
    sequence += 1;
    const { bootId, agentVersion } = facts;
    const at = new Date(clock.now()).toISOString();
    link.tell('heartbeat', { node }, { kind: 'heartbeat', bootId, sequence, agentVersion, at, ...facts.current() });
  }

  function beatAndGoOn(): void {
    clearTimeout(timer);
    beat();
    timer = setTimeout(beatAndGoOn, heartbeatDelayMs(facts.current().intervalSeconds, clock.random()));
  }

  beatAndGoOn();
  return { beat: beatAndGoOn, stop: () => clearTimeout(timer) };
}
