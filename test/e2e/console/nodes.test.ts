// The nodes list: 500 of them at once, its filter, its columns, and every state it can be in.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '#test/harness/until.ts';
import { arranged } from './arranged.ts';
import { startStandIn } from './stand-in/server.ts';
import { emptyWorld, worldOf } from './stand-in/world.ts';

const FIRST_PAINT_MS = 1500;

describe('the nodes list', () => {
  const on = arranged(() => worldOf(500, Date.now()));

  test('paints 500 nodes soon, with a few rows in the page and no request for each', async () => {
    on.core.asked.length = 0;
    const page = await on.open('/nodes');
    await page.getByRole('link', { name: 'cabin-pi-1', exact: true }).waitFor();
    const painted = await page.evaluate(() => performance.now());
    assert.ok(painted < FIRST_PAINT_MS, `painted after ${painted} ms`);
    const rows = await page.getByRole('row').count();
    assert.ok(rows > 20 && rows < 80, `${rows} rows in the page`);
    assert.equal(await page.getByRole('table', { name: 'Nodes' }).getAttribute('aria-rowcount'), '501');
    assert.deepEqual(
      on.core.asked.map(({ path }) => path).filter((path) => path.startsWith('/nodes/')),
      [],
    );
  });

  test('draws the last row when it is scrolled to', async () => {
    const page = await on.open('/nodes');
    await page.getByRole('link', { name: 'cabin-pi-1', exact: true }).waitFor();
    await page.getByRole('region', { name: 'Nodes, scrollable' }).evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.getByRole('link', { name: 'web-us-63', exact: true }).waitFor();
  });

  test('an offline node is told by text, muted, with how long', async () => {
    const page = await on.open('/nodes?q=state:offline');
    const row = page.getByRole('row').nth(1);
    await row.waitFor();
    assert.match(await row.innerText(), /offline\s+\d+ (min|h|d)/);
    assert.match((await row.getAttribute('class')) ?? '', /row-muted/);
  });

  test('the filter lives in the address and is found there', async () => {
    const page = await on.open('/nodes');
    await page.getByLabel('Filter nodes').fill('state:online label:env=prod web');
    await page.waitForURL(/q=state:online/);
    await page.reload();
    assert.equal(await page.getByLabel('Filter nodes').inputValue(), 'state:online label:env=prod web');
    const names = await page.getByRole('row').getByRole('link').allInnerTexts();
    assert.ok(names.length > 5 && names.every((name) => name.startsWith('web-')), names.join(' '));
  });

  test('a count by state is a filter, and a second click takes it away', async () => {
    const page = await on.open('/nodes');
    await page.getByRole('button', { name: /offline$/ }).click();
    await page.waitForURL(/q=state:offline/);
    await page.getByRole('button', { name: /offline$/ }).click();
    await page.waitForURL((url) => !url.search.includes('offline'));
  });

  test('a column sorts and turns round; what is unknown stays last', async () => {
    const page = await on.open('/nodes');
    await page.getByRole('button', { name: 'Memory' }).click();
    await page.getByRole('button', { name: /Memory/ }).click();
    await page.waitForURL(/sort=-memory/);
    const header = page.getByRole('columnheader', { name: /Memory/ });
    assert.equal(await header.getAttribute('aria-sort'), 'descending');
    assert.match(await page.getByRole('row').nth(1).innerText(), /64 GB/);
  });

  test('a label becomes a column', async () => {
    const page = await on.open('/nodes');
    await page.getByRole('button', { name: 'View: columns and export' }).click();
    await page.getByRole('checkbox', { name: 'region' }).check();
    await page.getByRole('columnheader', { name: 'region' }).waitFor();
    assert.match(page.url(), /cols=.*label-region/);
  });

  test('says when nothing matches, and clears the filter', async () => {
    const page = await on.open('/nodes?q=nothing-like-this');
    await page.getByRole('heading', { name: 'Nothing matches the filter' }).waitFor();
    await page.getByRole('button', { name: 'Clear filter' }).click();
    await page.getByRole('link', { name: 'cabin-pi-1', exact: true }).waitFor();
  });

  test('without nodes it says what to do first', async () => {
    const none = await startStandIn(emptyWorld());
    const page = await on.open('/nodes', { of: none });
    await page.getByRole('heading', { name: 'No nodes yet' }).waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Add node' }).last().click();
    await page.getByRole('dialog', { name: 'Add node' }).waitFor();
    await none.stop();
  });

  test('a failure shows title, detail and trace id, and trying again works', async () => {
    on.core.refuse(/^GET \/nodes$/);
    const page = await on.open('/nodes');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.match(
      await alert.innerText(),
      /A part that is needed does not answer[\s\S]*registry: no answer[\s\S]*trace [a-z2-7]{26}/,
    );
    on.core.refuse(null);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'cabin-pi-1', exact: true }).waitFor();
  });

  test('a failure later leaves the rows on the screen', async () => {
    const page = await on.open('/nodes');
    await page.getByRole('link', { name: 'cabin-pi-1', exact: true }).waitFor();
    on.core.refuse(/^GET \/nodes$/);
    await page.getByRole('alert').waitFor({ timeout: 15_000 });
    assert.ok(await page.getByRole('link', { name: 'cabin-pi-1', exact: true }).isVisible());
  });

  test('the list stands still under the pointer until it is let go', async () => {
    const page = await on.open('/nodes?sort=-seen&q=name:edge');
    const first = page.getByRole('row').nth(1);
    await first.hover();
    const name = (await first.innerText()).split('\n')[0];
    const node = on.core.world.nodes.find((each) => each.name.startsWith('edge') && each.name !== name);
    on.core.world.nodes = on.core.world.nodes.map((each) =>
      each === node ? { ...each, liveness: 'suspect', lastSeenAt: new Date(Date.now() + 60_000).toISOString() } : each,
    );
    await page.getByRole('button', { name: /changes? ▸ apply/ }).waitFor({ timeout: 15_000 });
    assert.equal((await first.innerText()).split('\n')[0], name);
    await page.getByRole('heading', { name: /^Nodes/ }).hover();
    await until(async () => (await first.innerText()).startsWith(node?.name ?? ''), 5000, 'the new order');
  });
});
