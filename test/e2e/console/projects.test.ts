// What else runs on a node: Compose projects to adopt, images to prune.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arranged } from './arranged.ts';
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
