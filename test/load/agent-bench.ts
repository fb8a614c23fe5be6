// What an agent costs: with nothing to run, and with twenty stacks at rest.
import { setTimeout as pause } from 'node:timers/promises';
import { ended, expectStatus } from '#test/harness/fleet.ts';
import type { System } from '#test/harness/system.ts';
import { composeFile } from './compose-file.ts';
import { mebibytes, table } from './figures.ts';
import { residentOf, usageOf } from './proc.ts';

const STACKS = 20;
/** What a start or a deployment needed is given back by then. */
const SETTLE_MS = 30_000;
const OVER_MS = 60_000;

async function resting(system: System, what: string): Promise<string[]> {
  await pause(SETTLE_MS);
  const pid = system.pid('agent');
  const before = usageOf(pid).cpuSeconds;
  await pause(OVER_MS);
  const share = ((usageOf(pid).cpuSeconds - before) / (OVER_MS / 1000)) * 100;
  const { rssBytes, anonymousBytes } = residentOf(pid);
  return [what, `${share.toFixed(2)} % of a core`, mebibytes(rssBytes), mebibytes(anonymousBytes)];
}

export async function agentBench(system: System, node: string, image: string): Promise<string> {
  const rows = [await resting(system, 'no stack')];
  const names = Array.from({ length: STACKS }, (_, index) => `rest-${index}`);
  const body = { compose: composeFile(image, 2, 'rest'), targets: { nodes: [node] } };
  // All at once: nobody waits for twenty windows of stability in a row.
  await Promise.all(
    names.map(async (name) => {
      const { deployment } = expectStatus(await system.api('PUT', `/api/stacks/${name}`, body), 202).body;
      const outcome = await ended(system, deployment, 120_000);
      if (outcome.state !== 'succeeded') throw new Error(`${name}: ${outcome.reason}`);
    }),
  );
  rows.push(await resting(system, `${STACKS} stacks of two services`));
  for (const name of names) {
    const { deployment } = expectStatus(await system.api('DELETE', `/api/stacks/${name}`), 202).body;
    await ended(system, deployment, 120_000);
  }
  return table('The agent at rest, over a minute', ['', 'CPU', 'resident', 'anonymous'], rows);
}
