// Adding a node by keyboard alone: a command to copy, then the page turns by itself.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arranged } from './arranged.ts';
import { problem } from './stand-in/answered.ts';
import { nodeOf } from './stand-in/fleet.ts';
import { factOf } from './stand-in/history.ts';
import { worldOf } from './stand-in/world.ts';

describe('adding a node', () => {
  const on = arranged(() => worldOf(10, Date.now()));
  const openDialog = async () => {
    const page = await on.open('/nodes');
    await page.getByRole('button', { name: 'Add node' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Add node' }).waitFor();
    return page;
  };

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
    const sent = on.core.asked.find(({ method, path }) => method === 'POST' && path === '/enrollment-tokens')?.body;
    assert.deepEqual(sent, { ttlSeconds: 3600, name: 'nas-77', labels: { env: 'prod', region: 'eu' } });
    await page.getByRole('button', { name: 'Copy the command' }).click();
    await page.getByText('Copied ✓').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), command);

    const node = { ...nodeOf(900, Date.now()), name: 'nas-77', labels: { env: 'prod', region: 'eu' } };
    on.core.world.nodes.push({ ...node, liveness: 'pending' as const });
    on.core.emit(factOf(1, 'registered', `nodes/${node.id}`, new Date().toISOString(), {}));
    await page.getByText('Registered as nas-77').waitFor();
    on.core.world.nodes = on.core.world.nodes.map((each) =>
      each.id === node.id ? { ...each, liveness: 'online' } : each,
    );
    on.core.emit(factOf(2, 'online', `nodes/${node.id}`, new Date().toISOString(), {}));
    await page.getByRole('status').getByText('nas-77 is online').waitFor();
    await page.getByRole('link', { name: 'Open nas-77' }).click();
    await page.getByRole('heading', { name: 'nas-77' }).waitFor();
  });

  test('another node that comes meanwhile is not taken for it', async () => {
    const page = await openDialog();
    await page.getByLabel(/^Name/).fill('nas-78');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Command' }).waitFor();
    on.core.world.nodes.push({ ...nodeOf(901, Date.now()), liveness: 'online' });
    on.core.emit(factOf(3, 'registered', 'nodes/other', new Date().toISOString(), {}));
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
    on.core.refuse(
      /^POST \/enrollment-tokens/,
      problem(400, 'invalid-input', 'The request is not valid', 'body', issues),
    );
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
