// A deployment with all that was done, as the gateway puts it together.
import { wholeDeployment } from '#services/gateway/whole-deployment.ts';
import type { Deployment } from '#subjects/schema/deployment.ts';
import type { Core } from './core.ts';

export function wholeOf(core: Core, id: string | null): Promise<Deployment> {
  return wholeDeployment({ request: (name, _, input) => core.ask(name, input) }, id ?? '');
}
