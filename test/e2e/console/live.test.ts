// Live by facts: shown at once, batched, resumed after a break, and honest about being down.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '#test/harness/until.ts';
import { arranged } from './arranged.ts';
import { factOf } from './stand-in/history.ts';
import { worldOf } from './stand-in/world.ts';

describe('live updates', () => {
  const on = arranged(() => worldOf(60, Date.now()));
  let number = 1000;
  const fact = (name: string, subject: string, rest: object = {}) => {
    number += 1;
    return factOf(number, name, subject, new Date().toISOString(), rest);
  };
  const open = async (path: string) => {
    const page = await on.open(path);
    await page.getByText('Live', { exact: true }).waitFor();
    return page;
  };
  const asked = (path: string) => on.core.asked.filter((each) => each.path === path).length;

  test('a node that goes offline is shown so within two seconds', async () => {
    const page = await open('/nodes?q=name:nas-1');
    const row = page.getByRole('row').nth(1);
    await row.getByText('online').waitFor();
    const node = on.core.world.nodes[0];
    on.core.world.nodes = on.core.world.nodes.map((each) => (each === node ? { ...each, liveness: 'offline' } : each));
    on.core.emit(fact('offline', `nodes/${node?.id}`));
    await row.getByText('offline').waitFor({ timeout: 2000 });
    on.core.world.nodes = on.core.world.nodes.map((each) =>
      each.id === node?.id ? { ...each, liveness: 'online' } : each,
    );
  });

  test('fifty facts at once ask the lists again once or twice', async () => {
    const page = await open('/nodes');
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    await until(() => on.core.openStreams() === 1, 5000, 'one stream');
    on.core.asked.length = 0;
    for (const node of on.core.world.nodes.slice(0, 50)) on.core.emit(fact('updated', `nodes/${node.id}`));
    await until(() => asked('/nodes') > 0, 3000, 'the list asked again');
    await page.waitForTimeout(1500);
    assert.ok(asked('/nodes') <= 2, `${asked('/nodes')} times`);
    assert.deepEqual(
      on.core.asked.filter(({ path }) => path.startsWith('/nodes/')),
      [],
    );
  });

  test('new facts come into the list of events', async () => {
    const page = await open('/events');
    await page.getByRole('table', { name: 'Events' }).waitFor();
    on.core.emit(fact('document-rejected', `nodes/${on.core.world.nodes[1]?.id}`, { reason: 'signed by a stranger' }));
    await page.getByText('signed by a stranger').waitFor({ timeout: 3000 });
  });

  test('a broken stream is told, keeps the rows, and goes on where it was', async () => {
    const page = await open('/nodes');
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    on.core.emit(fact('updated', `nodes/${on.core.world.nodes[0]?.id}`));
    await until(() => asked('/nodes') > 1, 5000, 'the fact to arrive');
    on.core.asked.length = 0;
    on.core.cutStreams(true);
    await page.getByText(/Live updates paused — reconnecting/).waitFor();
    assert.ok(await page.getByRole('link', { name: 'nas-1', exact: true }).isVisible());
    on.core.cutStreams(false);
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    const resumed = on.core.asked.filter(({ path }) => path === '/events stream').at(-1);
    assert.match(resumed?.lastEventId ?? '', /^\d+$/);
    await until(() => asked('/nodes') > 0, 3000, 'the list asked again');
    assert.equal(await page.getByText(/Live updates paused/).count(), 0);
  });

  test('a hidden tab gives its connection back and catches up when it is seen again', async () => {
    const page = await open('/nodes');
    await until(() => on.core.openStreams() === 1, 5000, 'one stream');
    // Its place is that of the last it was told.
    const before = asked('/nodes');
    on.core.emit(fact('updated', `nodes/${on.core.world.nodes[0]?.id}`));
    await until(() => asked('/nodes') > before, 5000, 'the fact to arrive');
    await page.clock.install();
    const see = (state: string) =>
      page.evaluate((visibility) => {
        Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await see('hidden');
    await page.clock.runFor(31_000);
    await until(() => on.core.openStreams() === 0, 5000, 'no stream');
    on.core.asked.length = 0;
    await see('visible');
    await page.clock.runFor(1000);
    await until(() => on.core.openStreams() === 1, 5000, 'the stream again');
    assert.match(on.core.asked.find(({ path }) => path === '/events stream')?.lastEventId ?? '', /^\d+$/);
    await until(() => asked('/nodes') > 0, 3000, 'the list asked again');
  });
});
