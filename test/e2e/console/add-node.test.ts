// Adding a node by keyboard alone: a command to copy, then the page turns by itself.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, openView, type View } from './browser.ts';
import { problem } from './stand-in/answers.ts';
import { nodeOf } from './stand-in/fleet.ts';
import { factOf } from './stand-in/history.ts';
import { type StandIn, startStandIn } from './stand-in/server.ts';
import { worldOf } from './stand-in/world.ts';

describe('adding a node', () => {
  let browser: Browser;
  let core: StandIn;
  let view: View;
  const openDialog = async () => {
    view = await openView(browser, core, '/nodes');
    await view.page.getByRole('button', { name: 'Add node' }).focus();
    await view.page.keyboard.press('Enter');
    await view.page.getByRole('dialog', { name: 'Add node' }).waitFor();
    return view.page;
  };
  before(async () => {
    browser = await openBrowser();
    core = await startStandIn(worldOf(10, Date.now()));
  });
  afterEach(async () => {
    core.refuse(null);
    assert.deepEqual(view.faults, []);
    await view.close();
  });
  after(async () => {
    await browser?.close();
    await core?.stop();
  });

  test('the command is shown, copied, and the node is announced when it is online', async () => {
    const page = await openDialog();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByLabel(/^Name/).focus();
    await page.keyboard.type('nas-77');
    await page.keyboard.press('Tab');
    await page.keyboard.type('env=prod region=eu');
    await page.keyboard.press('Enter');
    const command = await page.getByRole('region', { name: 'Command' }).innerText();
    assert.match(command, /^OVERSEER_TOKEN=ovs_enr_/);
    const sent = core.asked.find(({ method, path }) => method === 'POST' && path === '/enrollment-tokens')?.body;
    assert.deepEqual(sent, { ttlSeconds: 3600, name: 'nas-77', labels: { env: 'prod', region: 'eu' } });
    await page.getByRole('button', { name: 'Copy the command' }).click();
    await page.getByText('Copied ✓').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), command);

    const node = { ...nodeOf(900, Date.now()), name: 'nas-77', labels: { env: 'prod', region: 'eu' } };
    core.world.nodes.push({ ...node, liveness: 'pending' as const });
    core.emit(factOf(1, 'registered', `nodes/${node.id}`, new Date().toISOString(), {}));
    await page.getByText('Registered as nas-77').waitFor();
    core.world.nodes = core.world.nodes.map((each) => (each.id === node.id ? { ...each, liveness: 'online' } : each));
    core.emit(factOf(2, 'online', `nodes/${node.id}`, new Date().toISOString(), {}));
    await page.getByRole('status').getByText('nas-77 is online').waitFor();
    await page.getByRole('link', { name: 'Open nas-77' }).click();
    await page.getByRole('heading', { name: 'nas-77' }).waitFor();
  });

  test('another node that comes meanwhile is not taken for it', async () => {
    const page = await openDialog();
    await page.getByLabel(/^Name/).fill('nas-78');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Command' }).waitFor();
    core.world.nodes.push({ ...nodeOf(901, Date.now()), liveness: 'online' });
    core.emit(factOf(3, 'registered', 'nodes/other', new Date().toISOString(), {}));
    await page.waitForResponse((response) => response.url().includes('/api/nodes'));
    await page.getByText('The agent enrolls').waitFor();
  });

  test('silence for a minute brings three things to check', async () => {
    const page = await openDialog();
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByRole('region', { name: 'Command' }).waitFor();
    await page.clock.install();
    await page.clock.runFor(62_000);
    await page.getByText('Not seen yet').waitFor();
    assert.equal(await page.getByRole('dialog').getByRole('list').last().getByRole('listitem').count(), 3);
  });

  test('a refused name says what is wrong, in the dialog', async () => {
    const issues = { issues: [{ path: 'name', message: 'must match [a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?' }] };
    core.refuse(/^POST \/enrollment-tokens/, problem(400, 'invalid-input', 'The request is not valid', 'body', issues));
    const page = await openDialog();
    await page.getByLabel(/^Name/).fill('Größe');
    await page.keyboard.press('Enter');
    await page
      .getByRole('dialog')
      .getByRole('alert')
      .getByText(/must match/)
      .waitFor();
  });

  test('Escape closes it and gives the focus back', async () => {
    const page = await openDialog();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Add node');
  });
});
