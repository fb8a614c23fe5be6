// One deployment as it goes on: what it is now, each step and line once, and what it has become.
import type { Connection, Schemas } from './client.ts';
import { type FollowOptions, messages } from './messages.ts';

export type Deployment = Schemas['Deployment'];
type Target = Deployment['targets'][number];

interface Told {
  readonly sequence: string;
  readonly at: string;
}

interface OfStep extends Told {
  readonly node: string;
  /** Place in the node's own order. */
  readonly nodesequence: string | null;
  readonly step: string;
}

interface Standing {
  readonly state: Deployment['state'];
  readonly reason: string | null;
}

export type DeploymentEvent =
  /** Whole: the first event, and the last but `end`. */
  | { readonly event: 'deployment'; readonly data: Deployment }
  | { readonly event: 'step-started'; readonly data: OfStep & { readonly why: string } }
  | { readonly event: 'step-output'; readonly data: OfStep & { readonly lines: readonly string[] } }
  | {
      readonly event: 'step-finished';
      readonly data: OfStep & {
        readonly outcome: 'ok' | 'failed';
        readonly reason: string | null;
        readonly exitCode: number | null;
        readonly durationMs: number;
      };
    }
  | {
      readonly event: 'target';
      readonly data: Told &
        Pick<Target, 'node' | 'state' | 'reason' | 'failure'> & { readonly deployment: Standing | null };
    }
  /** Of the deployment itself. */
  | { readonly event: 'state'; readonly data: Told & Standing };

const KNOWN: ReadonlySet<string> = new Set([
  'deployment',
  'step-started',
  'step-output',
  'step-finished',
  'target',
  'state',
]);

/** Until the deployment has ended. @throws Problem when the gateway refuses for good */
export async function* deploymentEvents(
  connection: Connection,
  id: string,
  options: FollowOptions,
): AsyncGenerator<DeploymentEvent, void, undefined> {
  for await (const { event, data } of messages(connection, `/api/deployments/${encodeURIComponent(id)}`, options)) {
    if (event === 'end') return;
    // Newer gateways may tell more.
    if (KNOWN.has(event)) yield { event, data: JSON.parse(data) } as DeploymentEvent;
  }
}
