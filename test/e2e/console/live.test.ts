// Live by facts: shown at once, batched, resumed after a break, and honest about being down.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { until } from '#test/harness/until.ts';
import { openBrowser, openView, type View } from './browser.ts';
import { factOf } from './stand-in/history.ts';
import { type StandIn, startStandIn } from './stand-in/server.ts';
import { worldOf } from './stand-in/world.ts';

describe('live updates', () => {
  let browser: Browser;
  let core: StandIn;
  let view: View;
  let number = 1000;
  const fact = (name: string, subject: string, rest: object = {}) => {
    number += 1;
    return factOf(number, name, subject, new Date().toISOString(), rest);
  };
  const open = async (path: string) => {
    view = await openView(browser, core, path);
    await view.page.getByText('Live', { exact: true }).waitFor();
    return view.page;
  };
  const asked = (path: string) => core.asked.filter((each) => each.path === path).length;
  before(async () => {
    browser = await openBrowser();
    core = await startStandIn(worldOf(60, Date.now()));
  });
  afterEach(async () => {
    core.cutStreams(false);
    assert.deepEqual(view.faults, []);
    await view.close();
  });
  after(async () => {
    await browser?.close();
    await core?.stop();
  });

  test('a node that goes offline is shown so within two seconds', async () => {
    const page = await open('/nodes?q=name:nas-1');
    const row = page.getByRole('row').nth(1);
    await row.getByText('online').waitFor();
    const node = core.world.nodes[0];
    core.world.nodes = core.world.nodes.map((each) => (each === node ? { ...each, liveness: 'offline' } : each));
    core.emit(fact('offline', `nodes/${node?.id}`));
    await row.getByText('offline').waitFor({ timeout: 2000 });
    core.world.nodes = core.world.nodes.map((each) => (each.id === node?.id ? { ...each, liveness: 'online' } : each));
  });

  test('fifty facts at once ask the lists again once or twice', async () => {
    const page = await open('/nodes');
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    await until(() => core.openStreams() === 1, 5000, 'one stream');
    core.asked.length = 0;
    for (const node of core.world.nodes.slice(0, 50)) core.emit(fact('updated', `nodes/${node.id}`));
    await until(() => asked('/nodes') > 0, 3000, 'the list asked again');
    await page.waitForTimeout(1500);
    assert.ok(asked('/nodes') <= 2, `${asked('/nodes')} times`);
    assert.deepEqual(
      core.asked.filter(({ path }) => path.startsWith('/nodes/')),
      [],
    );
  });

  test('new facts come into the list of events', async () => {
    const page = await open('/events');
    await page.getByRole('table', { name: 'Events' }).waitFor();
    core.emit(fact('document-rejected', `nodes/${core.world.nodes[1]?.id}`, { reason: 'signed by a stranger' }));
    await page.getByText('signed by a stranger').waitFor({ timeout: 3000 });
  });

  test('steps of a deployment come while it runs', async () => {
    const running = core.world.deployments.find(({ state }) => state === 'progressing');
    const page = await open(`/deployments/${running?.id}`);
    await page.getByText('Container shop-web-1 Starting').waitFor();
    const step = running?.targets[0]?.steps.at(-1);
    step?.output.push(' Container shop-web-1  Started');
    const rest = { deployment: running?.id, stack: 'shop', step: 'up', lines: [] };
    core.emit(fact('step-output', `nodes/${running?.targets[0]?.node}`, rest));
    await page.getByText('Container shop-web-1 Started').waitFor({ timeout: 3000 });
  });

  test('a broken stream is told, keeps the rows, and goes on where it was', async () => {
    const page = await open('/nodes');
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    core.emit(fact('updated', `nodes/${core.world.nodes[0]?.id}`));
    await until(() => asked('/nodes') > 1, 5000, 'the fact to arrive');
    core.asked.length = 0;
    core.cutStreams(true);
    await page.getByText(/Live updates paused — reconnecting/).waitFor();
    assert.ok(await page.getByRole('link', { name: 'nas-1', exact: true }).isVisible());
    core.cutStreams(false);
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    const resumed = core.asked.filter(({ path }) => path === '/events stream').at(-1);
    assert.match(resumed?.lastEventId ?? '', /^\d+$/);
    await until(() => asked('/nodes') > 0, 3000, 'the list asked again');
    assert.equal(await page.getByText(/Live updates paused/).count(), 0);
  });

  test('a hidden tab gives its connection back and catches up when it is seen again', async () => {
    const page = await open('/nodes');
    await until(() => core.openStreams() === 1, 5000, 'one stream');
    await page.clock.install();
    const see = (state: string) =>
      page.evaluate((visibility) => {
        Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await see('hidden');
    await page.clock.runFor(31_000);
    await until(() => core.openStreams() === 0, 5000, 'no stream');
    core.asked.length = 0;
    await see('visible');
    await page.clock.runFor(1000);
    await until(() => core.openStreams() === 1, 5000, 'the stream again');
    assert.match(core.asked.find(({ path }) => path === '/events stream')?.lastEventId ?? '', /^\d+$/);
    await until(() => asked('/nodes') > 0, 3000, 'the list asked again');
  });
});
