// `npm run bench`: what it costs, beside the floor and a peer, in one run. Prints tables; asserts nothing about time.
import { onlineNode } from '#test/harness/fleet.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';
import { startMachine } from '#test/harness/machine.ts';
import { startSystem } from '#test/harness/system.ts';
import { ensureParts } from '#test/run/parts.ts';
import { agentBench } from './agent-bench.ts';
import { auditBench } from './audit-bench.ts';
import { docker, overseer, plainCompose, swarm } from './contenders.ts';
import { deployBench } from './deploy-bench.ts';
import { fleetBench } from './fleet-bench.ts';
import { logBench } from './log-bench.ts';

const chosen = process.argv.slice(2);
const wants = (part: string) => chosen.length === 0 || chosen.includes(part);

await ensureParts();

if (wants('deploy') || wants('agent') || wants('logs')) {
  // An engine of its own: it becomes a swarm, which leaves its traces behind.
  const machine = await startMachine();
  const { dockerHost } = machine;
  const system = await startSystem({ dockerHost });
  try {
    const { id } = await onlineNode(system);
    if (wants('agent')) console.log(await agentBench(system, id, TEST_IMAGE));
    if (wants('logs')) {
      const bench = { system, node: id, dockerHost, image: TEST_IMAGE, engine: machine.enginePid };
      for (const text of await logBench(bench)) console.log(text);
    }
    if (wants('deploy')) {
      await docker(dockerHost, ['swarm', 'init', '--advertise-addr', 'eth0']);
      const contenders = [overseer(system, id), plainCompose(dockerHost), swarm(dockerHost)] as const;
      console.log(await deployBench(dockerHost, TEST_IMAGE, [...contenders]));
    }
  } finally {
    await system.stop();
    await machine.stop();
  }
}

if (wants('fleet')) {
  const system = await startSystem({ dockerHost: null });
  try {
    for (const text of await fleetBench(system)) console.log(text);
  } finally {
    await system.stop();
  }
}

if (wants('audit')) for (const text of await auditBench()) console.log(text);
