// `npm run bench`: what it costs, beside the floor, in one run. Prints tables; asserts nothing about time.

import { onlineNode } from '#test/harness/fleet.ts';
import { importTestImage, TEST_IMAGE } from '#test/harness/image.ts';
import { startSystem } from '#test/harness/system.ts';
import { ensureParts } from '#test/run/parts.ts';
import { deployBench } from './deploy-bench.ts';
import { mebibytes, table } from './figures.ts';
import { fleetBench } from './fleet-bench.ts';
import { residentOf } from './proc.ts';

const chosen = process.argv.slice(2);
const wants = (part: string) => chosen.length === 0 || chosen.includes(part);

await ensureParts();
const dockerHost = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
await importTestImage(dockerHost);

if (wants('deploy') || wants('agent')) {
  const system = await startSystem({ dockerHost });
  try {
    const node = await onlineNode(system);
    if (wants('agent')) {
      // Half a minute, so that what the start needed has been given back.
      await new Promise((resolve) => setTimeout(resolve, 30_000));
      const { rssBytes, anonymousBytes } = residentOf(system.pid('agent'));
      console.log(
        table(
          'The agent when idle',
          ['', 'resident', 'anonymous'],
          [['node agent/main.ts', mebibytes(rssBytes), mebibytes(anonymousBytes)]],
        ),
      );
    }
    if (wants('deploy')) console.log(await deployBench(system, node.id, TEST_IMAGE));
  } finally {
    await system.stop();
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
