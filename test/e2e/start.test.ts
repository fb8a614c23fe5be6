// A new machine's first minutes: start, see this host online in API and console, start again and find all as it was.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { deploy, onlineNode } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { processesOf } from '#test/harness/processes.ts';
import { idle } from '#test/harness/stacks.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';

const SCREENSHOTS = 'build/screenshots';

describe('starting', () => {
  let machine: Machine;
  let system: System;
  before(async () => {
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
  });
  after(async () => {
    await system?.stop();
    await machine?.stop();
  });

  test('within ten seconds of ready the local node is online', async () => {
    const online = async () => {
      const { body } = await system.api('GET', '/api/nodes');
      return body.items.find((item: { liveness: string }) => item.liveness === 'online');
    };
    const node = await until(online, 10_000, 'the local node to be online');
    assert.match(node.id, /^[a-z2-7]{26}$/);
    const version = await until(async () => (await online()).facts.dockerVersion, 10_000, "its engine's version");
    assert.match(version, /^\d+\./);
    assert.ok(Math.abs(Date.now() - Date.parse(node.lastSeenAt)) < 30_000);
  });

  test('it says where console and admin token are, and never the token', async () => {
    assert.ok(system.output().includes(system.url));
    assert.ok(system.output().includes('admin-token'));
    assert.ok(!system.output().includes(system.token));
    assert.equal((await stat(`${system.data}/admin-token`)).mode & 0o777, 0o600);
    assert.equal((await stat(system.data)).mode & 0o777, 0o700);
  });

  test('no secret stands in the arguments of any of its processes', async () => {
    const { token } = system;
    assert.deepEqual(
      processesOf(system.data).filter(({ command }) => command.includes(token)),
      [],
    );
  });

  test('the console shows the node online in a browser', async () => {
    const node = await onlineNode(system);
    mkdirSync(SCREENSHOTS, { recursive: true });
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      await page.goto(system.url);
      await page.getByLabel(/token/i).fill(system.token);
      await page.getByRole('button', { name: /sign in|log in/i }).click();
      await page.getByText(node.name, { exact: true }).first().waitFor({ timeout: 10_000 });
      await page
        .getByText(/online/i)
        .first()
        .waitFor({ timeout: 10_000 });
      await page.screenshot({ path: `${SCREENSHOTS}/nodes.png` });
      assert.deepEqual(faults, []);
    } finally {
      await browser.close();
    }
  });

  test('a second start is quick, keeps node, stack and token, and touches no container', async () => {
    const node = await onlineNode(system);
    await deploy(system, 'kept', idle('kept'), { nodes: [node.id] });
    const [token, containers] = [system.token, await machine.engine.identity()];
    await system.shutDown();
    assert.deepEqual(processesOf(system.data), []);
    await system.start();
    assert.ok(system.readyAfterMs < 15_000, `ready after ${system.readyAfterMs} ms`);
    assert.equal(system.token, token);
    assert.equal((await onlineNode(system)).id, node.id);
    const { body } = await system.api('GET', '/api/stacks/kept');
    assert.equal(body.revision, 1);
    assert.equal(Object.keys(containers).length, 1);
    assert.deepEqual(await machine.engine.identity(), containers);
  });
});
