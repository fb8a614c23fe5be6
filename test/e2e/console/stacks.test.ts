// One stack in its parts: drift with what was expected, revisions compared and gone back to, actions, source.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arranged } from './arranged.ts';
import { worldOf } from './stand-in/world.ts';

describe('a stack', () => {
  const on = arranged(() => worldOf(40, Date.now()), 'test');

  test('drift is on the list, on the stack and on its node, with expected and actual', async () => {
    const page = await on.open('/stacks?q=drift:yes');
    await page.getByRole('row', { name: /shop.*1 node/ }).waitFor();
    assert.equal(await page.getByRole('row').count(), 2);
    await page.getByRole('link', { name: 'shop', exact: true }).click();
    await page.getByText('drift on 1 node').waitFor();
    await page.getByRole('button', { name: /^Drift of shop on .*3 differences/ }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: /^Drift of shop/ });
    await dialog.getByText('Changed setting HostConfig.PortBindings').waitFor();
    const text = await dialog.innerText();
    assert.match(text, /Expected\s+8080:80\/tcp\s+Actual\s+8081:80\/tcp/);
    assert.match(text, /Container was stopped\s+cache\s+Expected\s+running\s+Actual\s+stopped/);
    assert.match(text, /only told/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('a node on which it was stopped is marked', async () => {
    const page = await on.open('/stacks/shop');
    await page.getByText('stopped here').waitFor();
  });

  test('two revisions are compared line by line', async () => {
    const page = await on.open('/stacks/shop?tab=revisions');
    const button = page.getByRole('button', { name: /^Compare/ });
    assert.ok(await button.isDisabled());
    await page.getByLabel('Compare revision 7').press('Space');
    await page.getByLabel('Compare revision 6').press('Space');
    await page.getByRole('button', { name: 'Compare 6 with 7' }).press('Enter');
    const diff = page.getByRole('dialog').getByRole('region', { name: 'Changes of compose.yaml' });
    await diff.waitFor();
    const text = await diff.innerText();
    assert.match(text, /removed:\s+image: nginx:1.27.2/);
    assert.match(text, /added:\s+image: nginx:1.27.4/);
    assert.match(text, /added:\s+volumes: \["cache:\/data"\]/);
    assert.match(text, /\d+ lines alike/);
    await page.getByRole('region', { name: 'Changes of names of the environment' }).waitFor();
  });

  test('going back to a revision asks first', async () => {
    const page = await on.open('/stacks/shop?tab=revisions');
    assert.equal(await page.getByRole('button', { name: 'Roll back to revision 7' }).count(), 0);
    await page.getByRole('button', { name: 'Roll back to revision 3' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.equal(on.sent('POST', '/stacks/shop/rollback'), undefined);
    await page.getByRole('button', { name: 'Roll back to revision 3' }).click();
    await page.getByRole('button', { name: 'Roll back', exact: true }).click();
    await page.waitForURL(/deployments/);
    assert.deepEqual(on.sent('POST', '/stacks/shop/rollback')?.body, { revision: 3 });
  });

  test('actions go to all nodes, or to one, and lead to what they do', async () => {
    const page = await on.open('/stacks/shop');
    const actions = page.getByRole('button', { name: 'Actions for shop' });
    await actions.press('Enter');
    await page.getByRole('button', { name: 'Pull images' }).press('Enter');
    await page.getByRole('heading', { name: /^Deployment of/ }).waitFor();
    assert.deepEqual(on.sent('POST', '/stacks/shop/actions/pull')?.body, {});
    await page.goBack();
    await actions.click();
    const node = on.core.world.stacks.find(({ name }) => name === 'shop')?.nodes[1]?.node ?? '';
    await page.getByLabel('On', { exact: true }).selectOption(node);
    await page.getByLabel('Service, to restart').selectOption('cache');
    await page.getByRole('button', { name: 'Restart' }).click();
    await page.waitForURL(/deployments/);
    assert.deepEqual(on.sent('POST', '/stacks/shop/actions/restart')?.body, { nodes: [node], services: ['cache'] });
  });

  test('a service is scaled; stop and start are of the whole stack', async () => {
    const page = await on.open('/stacks/shop');
    const actions = page.getByRole('button', { name: 'Actions for shop' });
    await actions.click();
    assert.ok(await page.getByRole('button', { name: 'Scale' }).isDisabled());
    await page.getByLabel('Service, to restart').selectOption('web');
    assert.equal(await page.getByLabel('Containers of web').inputValue(), '2');
    await page.getByLabel('Containers of web').fill('3');
    await page.getByRole('button', { name: 'Scale' }).click();
    await page.getByRole('heading', { name: /^Deployment of/ }).waitFor();
    assert.deepEqual(on.sent('POST', '/stacks/shop/actions/scale')?.body, { services: ['web'], replicas: 3 });
    await page.goBack();
    await actions.click();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.waitForURL(/deployments/);
    assert.deepEqual(on.sent('POST', '/stacks/shop/actions/stop')?.body, {});
  });

  test('a service of an included file can be chosen: nodes say that they have it', async () => {
    const shop = on.core.world.stacks.find(({ name }) => name === 'shop');
    assert.ok(shop);
    shop.compose = 'include: [web.yaml, cache.yaml]\n';
    const page = await on.open('/stacks/shop');
    await page.getByRole('button', { name: 'Actions for shop' }).click();
    const service = page.getByLabel('Service, to restart');
    await service.selectOption('cache');
    assert.equal(await page.getByLabel('Containers of cache').inputValue(), '1');
  });

  test('what a node says can not hide or paint itself', async () => {
    const shop = on.core.world.stacks.find(({ name }) => name === 'shop');
    const [first] = shop?.nodes ?? [];
    assert.ok(first);
    first.reason = '\u001b[31mweb failed\u001b[0m: gpj.\u202eexe';
    const page = await on.open('/stacks/shop');
    await page.getByText('web failed: gpj.\\u202eexe', { exact: true }).waitFor();
  });

  test('the webhook is asked for when it is wanted, and its secret shown on a further word', async () => {
    const page = await on.open('/stacks/web?tab=settings');
    const open = page.getByRole('button', { name: 'Webhook' });
    await open.waitFor();
    assert.equal(on.sent('GET', '/stacks/web/webhook'), undefined);
    await open.press('Enter');
    await page.getByText('https://overseer.example.com/api/hooks/git/web').waitFor();
    assert.equal(await page.getByText('hook-secret-4711').count(), 0);
    await page.getByRole('button', { name: 'Show secret' }).press('Enter');
    await page.getByText('hook-secret-4711').waitFor();
    await page.getByRole('button', { name: 'Close webhook' }).click();
    assert.equal(await page.getByText('hook-secret-4711').count(), 0);
  });

  test('settings are told in words; the source is looked at when asked', async () => {
    const page = await on.open('/stacks/web?tab=settings');
    await page.getByText('first one node, then 25% of the nodes at a time, 30 s apart').waitFor();
    await page.getByText('4f1c0de95a7b').first().waitFor();
    await page.getByRole('row', { name: /web nginx:1.27.4 ab12cd34ef56 moved to 99ffee001122/ }).waitFor();
    await page.getByRole('button', { name: 'Sync now' }).click();
    await page.getByText('Nothing has moved').waitFor();
    assert.ok(on.sent('POST', '/stacks/web/sync'));
  });
});
