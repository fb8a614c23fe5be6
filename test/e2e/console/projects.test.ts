// What else runs on a node: Compose projects to adopt, images to prune.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '#test/harness/until.ts';
import { arranged } from './arranged.ts';
import { factOf } from './stand-in/history.ts';
import { worldOf } from './stand-in/world.ts';

describe('on a node', () => {
  const on = arranged(() => worldOf(20, Date.now()), 'test');
  const node = (at: number) => on.core.world.nodes[at];

  test('a project that nobody manages is adopted in one press; one that can not be says why', async () => {
    const page = await on.open(`/nodes/${node(2)?.id}`);
    await page.getByText('/opt/stacks/paperless/compose.yaml').waitFor();
    await page.getByText('its compose file is not there any more').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Adopt pihole' }).isDisabled());
    await page.getByRole('button', { name: 'Adopt paperless' }).press('Enter');
    await page.waitForURL(/deployments/);
    assert.ok(on.sent('POST', `/nodes/${node(2)?.id}/projects/paperless/adopt`));
  });

  test('a refusal stands beside its project', async () => {
    const page = await on.open(`/nodes/${node(2)?.id}`);
    const detail = { title: 'A stack has that name', code: 'conflict', detail: 'paperless is a stack already' };
    on.core.refuse(/adopt$/, { status: 409, body: detail });
    await page.getByRole('button', { name: 'Adopt paperless' }).click();
    await page.getByRole('alert').getByText('paperless is a stack already').waitFor();
  });

  test('where all is managed that is said; a node that is away is not asked', async () => {
    const away = on.core.world.nodes.find(({ liveness }) => liveness === 'offline');
    const page = await on.open(`/nodes/${away?.id}`);
    await page.getByText('it can’t be asked').waitFor();
    assert.equal(on.sent('GET', `/nodes/${away?.id}/projects`), undefined);
    await page.goto(`/nodes/${node(0)?.id}`);
    await page.getByText('Every Compose project here is one of the stacks above.').waitFor();
  });

  test('facts of the node ask for the node, and not for its projects', async () => {
    const page = await on.open(`/nodes/${node(2)?.id}`);
    const asked = (path: string) => on.core.asked.filter((each) => each.path === path).length;
    await page.getByText('/opt/stacks/paperless/compose.yaml').waitFor();
    await until(() => on.core.openStreams() === 1, 5000, 'the stream');
    await until(() => asked(`/nodes/${node(2)?.id}/status`) > 0, 3000, 'all that is asked at first');
    on.core.asked.length = 0;
    for (const [at, name] of ['updated', 'container-changed', 'stack-settled'].entries())
      on.core.emit(factOf(500 + at, name, `nodes/${node(2)?.id}`, new Date().toISOString(), { stack: 'web' }));
    await until(() => asked(`/nodes/${node(2)?.id}`) > 0, 3000, 'the node asked again');
    await page.waitForTimeout(1200);
    assert.equal(asked(`/nodes/${node(2)?.id}/projects`), 0);
    await page.getByRole('button', { name: 'Look again' }).click();
    await until(() => asked(`/nodes/${node(2)?.id}/projects`) === 1, 3000, 'them asked by hand');
  });

  test('images that nothing needs are removed every day when that is set', async () => {
    const page = await on.open(`/nodes/${node(2)?.id}`);
    await page.getByText('by hand only').waitFor();
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Images that nothing needs').selectOption('unused');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('daily, all that nothing needs').waitFor();
    const { body } = on.sent('PUT', `/nodes/${node(2)?.id}/config`) ?? {};
    assert.equal((body as { pruneImages?: string }).pruneImages, 'unused');
  });

  test('images are pruned as it was chosen', async () => {
    const page = await on.open(`/nodes/${node(2)?.id}`);
    await page.getByRole('button', { name: /^More/ }).click();
    await page.getByRole('button', { name: 'Prune images …' }).click();
    await page.getByRole('radio', { name: /All that nothing needs/ }).check();
    await page.getByRole('button', { name: 'Prune', exact: true }).click();
    await page.getByText('does it now').waitFor();
    assert.deepEqual(on.sent('POST', `/nodes/${node(2)?.id}/actions/prune`)?.body, { images: 'unused' });
  });
});
