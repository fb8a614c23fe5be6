// Pure: whether a node could carry out a change now, from its heartbeats, its settings and what it last said of its engine.

/** `paused` and `unresponsive` nodes are heard, but change nothing. */
export type Presence = 'online' | 'suspect' | 'offline' | 'paused' | 'unresponsive';

export interface Signs {
  /** Null: there is no such node. */
  readonly liveness: string | null;
  readonly paused: boolean;
  /** Milliseconds for which its engine has not answered; null when it does. */
  readonly engineSilentMs: number | null;
}

/** As long as a node with the usual heartbeat is silent before it is offline: an engine that restarts is no reason. */
const ENGINE_AWAY_MS = 90_000;

export function presenceOf({ liveness, paused, engineSilentMs }: Signs): Presence {
  if (liveness !== 'online' && liveness !== 'suspect') return 'offline';
  if (paused) return 'paused';
  if (engineSilentMs === null) return liveness;
  return engineSilentMs >= ENGINE_AWAY_MS ? 'unresponsive' : 'suspect';
}

/** It holds nobody up, and nothing is sent to it before it is back. Who is `suspect` will be one or the other soon. */
export function isGone(presence: Presence): boolean {
  return presence !== 'online' && presence !== 'suspect';
}
