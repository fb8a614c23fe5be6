// One node, one stack, a deployment, events and audit: what they show, and what they ask before they change anything.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arranged } from './arranged.ts';
import { FAILED_DEPLOYMENT, RUNNING_DEPLOYMENT } from './stand-in/stacks.ts';
import { worldOf } from './stand-in/world.ts';

describe('screens', () => {
  const on = arranged(() => worldOf(40, Date.now()), 'test');

  test('an offline node says what keeps running and what waits', async () => {
    const node = on.core.world.nodes.find(({ liveness }) => liveness === 'offline');
    const page = await on.open(`/nodes/${node?.id}`);
    await page.getByText('Its containers keep running as they were told last. 2 changes wait').waitFor();
    await page.getByRole('article', { name: 'legacy-crm' }).getByText('manifest unknown').waitFor();
  });

  test('labels and name of a node are changed in its settings', async () => {
    const node = on.core.world.nodes[8];
    const page = await on.open(`/nodes/${node?.id}`);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Labels').fill('env=prod rack=b2');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('rack=b2').waitFor();
    assert.deepEqual(on.sent('PUT', `/nodes/${node?.id}/config`)?.body, {
      name: node?.name,
      labels: { env: 'prod', rack: 'b2' },
      heartbeatSeconds: 10,
    });
  });

  test('a node is removed only after its name was typed', async () => {
    const node = on.core.world.nodes[8];
    const page = await on.open(`/nodes/${node?.id}`);
    await page.getByRole('button', { name: /^More/ }).click();
    await page.getByRole('button', { name: 'Remove …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What keeps running:').waitFor();
    const confirm = dialog.getByRole('button', { name: 'Remove node' });
    await dialog.getByRole('textbox').fill('nas');
    assert.ok(await confirm.isDisabled());
    await page.keyboard.press('Enter');
    assert.equal(on.sent('DELETE', `/nodes/${node?.id}`), undefined);
    await dialog.getByRole('textbox').fill(node?.name ?? '');
    await confirm.click();
    await page.getByRole('heading', { name: /^Nodes/ }).waitFor();
    assert.ok(on.sent('DELETE', `/nodes/${node?.id}`));
  });

  test('a node that is not there is said so', async () => {
    const page = await on.open('/nodes/nobody');
    await page.getByRole('heading', { name: 'No such node' }).waitFor();
  });

  test('a stack shows its services on each node; its text and its revisions each have an address', async () => {
    const page = await on.open('/stacks/shop');
    await page
      .getByRole('row', { name: /cache running, healthy redis:7.4-alpine/ })
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Compose', exact: true }).click();
    await page.waitForURL(/tab=compose/);
    assert.match(await page.getByRole('region', { name: 'Compose text' }).innerText(), /image: nginx:1.27.4/);
    await page.keyboard.press(']');
    await page.waitForURL(/tab=revisions/);
    await page.getByRole('table', { name: 'Revisions' }).getByRole('row').nth(7).waitFor();
    assert.equal(await page.getByRole('table', { name: 'Revisions' }).getByRole('row').count(), 8);
  });

  test('a stack is removed with its volumes only when that is ticked', async () => {
    const page = await on.open('/stacks/shop');
    await page.getByRole('button', { name: 'Remove …' }).click();
    await page.getByText('named volumes with all they hold').waitFor();
    await page.getByRole('dialog').getByRole('textbox').fill('shop');
    await page.getByRole('button', { name: 'Remove stack' }).click();
    await page.waitForURL(/deployments/);
    assert.ok(on.sent('DELETE', '/stacks/shop'));
  });

  test('malformed YAML is shown with its line, marked in the text, and nothing is lost', async () => {
    const page = await on.open('/deploy');
    await page.getByLabel('Name').fill('web2');
    const text = 'services:\n  web:\n\timage: nginx\n';
    await page.getByLabel('compose.yaml').fill(text);
    await page.getByRole('checkbox', { name: /nas-1/ }).first().check();
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByRole('alert').getByText('Line 3: Tabs are not allowed').waitFor();
    assert.equal(await page.getByLabel('compose.yaml').getAttribute('aria-invalid'), 'true');
    assert.equal(await page.getByLabel('compose.yaml').inputValue(), text);
  });

  test('a deploy sends what was written and leads to its deployment', async () => {
    const page = await on.open('/deploy');
    await page.getByLabel('Name').fill('web2');
    await page.getByLabel('compose.yaml').fill('services: {}\n');
    await page.getByRole('radio', { name: 'every node with labels' }).check();
    await page.getByRole('textbox', { name: 'Labels' }).fill('env=prod');
    await page.getByLabel(/^Environment/).fill('# comment\nTAG=1=2\n');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    assert.deepEqual(on.sent('PUT', '/stacks/web2')?.body, {
      compose: 'services: {}\n',
      targets: { selector: { env: 'prod' } },
      env: { TAG: '1=2' },
    });
  });

  test('a deploy of the same content says that there is nothing to do', async () => {
    const page = await on.open('/deploy?stack=web');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByText('Nothing to do: revision 4 is exactly this.').waitFor();
  });

  test('a running deployment tells each step with its reason; output is text, never markup', async () => {
    const page = await on.open(`/deployments/${RUNNING_DEPLOYMENT}`);
    await page.getByText('nginx:1.27.4 is not on this node').waitFor();
    const output = await page.getByRole('log').first().innerText();
    assert.match(output, /web Pulled\n<img src=x onerror="document.title='owned'">/);
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.title(), 'Overseer');
    await page.getByRole('navigation', { name: 'Nodes of the deployment' }).getByText('parked').click();
    await page.getByText('Parked: the node is not connected.').waitFor();
  });

  test('a failed deployment ends with the tool’s own words', async () => {
    const page = await on.open(`/deployments/${FAILED_DEPLOYMENT}`);
    await page.getByText('Failed on 3 of 3 nodes.').waitFor();
    await page.getByText('Error response from daemon: manifest for registry.lan/crm:2.1 not found').waitFor();
    await page.getByText('exit code 18').waitFor();
  });

  test('an event and an audit record open as JSON', async () => {
    const page = await on.open('/events?q=fact:offline');
    await page.getByRole('row').nth(1).getByRole('button').click();
    assert.match(await page.getByRole('region', { name: 'JSON' }).innerText(), /"dev.overseer.node.offline.v1"/);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByText('refused · unauthorized').first().waitFor();
    await page.getByRole('button', { name: 'stack.put' }).first().click();
    assert.match(await page.getByRole('region', { name: 'JSON' }).innerText(), /"outcome": "accepted"/);
  });
});
