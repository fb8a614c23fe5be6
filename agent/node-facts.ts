// What is told of this machine. The engine's versions are asked anew at every hello, but an engine that hangs delays
// nothing: then the last known ones are told.
import { setTimeout as pause } from 'node:timers/promises';
import type { Facts } from '#subjects/schema/node.ts';

interface Versions {
  readonly dockerVersion?: string;
  readonly composeVersion?: string;
}

const PATIENCE_MS = 3_000;

export interface NodeFacts {
  latest(): Facts;
  fresh(): Promise<Facts>;
}

export function nodeFacts(host: () => Facts, ask: () => Promise<Versions>): NodeFacts {
  let versions: Versions = {};
  const latest = () => ({ ...host(), ...versions });
  return {
    latest,
    async fresh() {
      const asked = ask().then(
        (answer) => {
          versions = answer;
        },
        () => {},
      );
      await Promise.race([asked, pause(PATIENCE_MS, undefined, { ref: false })]);
      return latest();
    },
  };
}
