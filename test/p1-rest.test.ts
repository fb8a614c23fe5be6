import { test } from 'node:test';
import { startMachine } from '#test/harness/machine.ts';
import { idle } from '#test/harness/stacks.ts';
import { startReconciler, wanted } from '#test/integration/agent/reconciler.ts';
test('rest', { timeout: 280_000 }, async () => {
  const machine = await startMachine();
  const agent = startReconciler(machine.dockerHost);
  try {
    agent.want(Array.from({ length: 20 }, (_, i) => wanted(`s${i}`, idle(String(i)), { files: { 'a.txt': 'x' } })));
    await agent.converged();
    await new Promise((r) => setTimeout(r, 8_000));
    const before = process.cpuUsage();
    const began = Date.now();
    await new Promise((r) => setTimeout(r, 40_000));
    const { user, system } = process.cpuUsage(before);
    console.log('CPU %', ((user + system) / 1000 / (Date.now() - began)) * 100, agent.loop.view().stacks.filter((s) => s.phase === 'running').length);
  } finally {
    agent.want([], Array.from({ length: 20 }, (_, i) => ({ name: `s${i}`, deployment: null, generation: 0, volumes: true })));
    await agent.converged().catch(() => {});
    await agent.stop();
    await machine.stop();
  }
});
