// One node, one stack, a deployment, events and audit: what they show, and what they ask before they change anything.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, openView, type View } from './browser.ts';
import { type StandIn, startStandIn } from './stand-in/server.ts';
import { FAILED_DEPLOYMENT, RUNNING_DEPLOYMENT } from './stand-in/stacks.ts';
import { worldOf } from './stand-in/world.ts';

describe('screens', () => {
  let browser: Browser;
  let core: StandIn;
  let view: View;
  const open = async (path: string) => {
    view = await openView(browser, core, path);
    return view.page;
  };
  const sent = (method: string, path: string) =>
    core.asked.filter((each) => each.method === method && each.path === path).at(-1);
  before(async () => {
    browser = await openBrowser();
  });
  afterEach(async () => {
    assert.deepEqual(view.faults, []);
    await view.close();
    await core.stop();
  });
  after(() => browser?.close());
  const fresh = async () => {
    core = await startStandIn(worldOf(40, Date.now()));
  };

  test('an offline node says what keeps running and what waits', async () => {
    await fresh();
    const node = core.world.nodes.find(({ liveness }) => liveness === 'offline');
    const page = await open(`/nodes/${node?.id}`);
    await page.getByText('Its containers keep running as they were told last. 2 changes wait').waitFor();
    await page.getByRole('article', { name: 'legacy-crm' }).getByText('manifest unknown').waitFor();
  });

  test('labels and name of a node are changed in its settings', async () => {
    await fresh();
    const node = core.world.nodes[8];
    const page = await open(`/nodes/${node?.id}`);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByLabel('Labels').fill('env=prod rack=b2');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('rack=b2').waitFor();
    assert.deepEqual(sent('PUT', `/nodes/${node?.id}/config`)?.body, {
      name: node?.name,
      labels: { env: 'prod', rack: 'b2' },
      heartbeatSeconds: 10,
    });
  });

  test('a node is removed only after its name was typed', async () => {
    await fresh();
    const node = core.world.nodes[8];
    const page = await open(`/nodes/${node?.id}`);
    await page.getByRole('button', { name: /^More/ }).click();
    await page.getByRole('button', { name: 'Remove …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('What keeps running:').waitFor();
    const confirm = dialog.getByRole('button', { name: 'Remove node' });
    await dialog.getByRole('textbox').fill('nas');
    assert.ok(await confirm.isDisabled());
    await page.keyboard.press('Enter');
    assert.equal(sent('DELETE', `/nodes/${node?.id}`), undefined);
    await dialog.getByRole('textbox').fill(node?.name ?? '');
    await confirm.click();
    await page.getByRole('heading', { name: /^Nodes/ }).waitFor();
    assert.ok(sent('DELETE', `/nodes/${node?.id}`));
  });

  test('a node that is not there is said so', async () => {
    await fresh();
    const page = await open('/nodes/nobody');
    await page.getByRole('heading', { name: 'No such node' }).waitFor();
  });

  test('a stack shows its services on each node, its text and its revisions', async () => {
    await fresh();
    const page = await open('/stacks/shop');
    await page
      .getByRole('row', { name: /cache running, healthy redis:7.4-alpine/ })
      .first()
      .waitFor();
    assert.match(await page.getByRole('region', { name: 'Compose text' }).innerText(), /image: nginx:1.27.4/);
    assert.equal(await page.getByRole('table', { name: 'Revisions' }).getByRole('row').count(), 8);
  });

  test('a stack is removed with its volumes only when that is ticked', async () => {
    await fresh();
    const page = await open('/stacks/shop');
    await page.getByRole('button', { name: 'Remove …' }).click();
    await page.getByText('named volumes with all they hold').waitFor();
    await page.getByRole('dialog').getByRole('textbox').fill('shop');
    await page.getByRole('button', { name: 'Remove stack' }).click();
    await page.waitForURL(/deployments/);
    assert.ok(sent('DELETE', '/stacks/shop'));
  });

  test('malformed YAML is shown with its line, marked in the text, and nothing is lost', async () => {
    await fresh();
    const page = await open('/deploy');
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
    await fresh();
    const page = await open('/deploy');
    await page.getByLabel('Name').fill('web2');
    await page.getByLabel('compose.yaml').fill('services: {}\n');
    await page.getByRole('radio', { name: 'every node with labels' }).check();
    await page.getByRole('textbox', { name: 'Labels' }).fill('env=prod');
    await page.getByLabel(/^Environment/).fill('# comment\nTAG=1=2\n');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    assert.deepEqual(sent('PUT', '/stacks/web2')?.body, {
      compose: 'services: {}\n',
      targets: { selector: { env: 'prod' } },
      env: { TAG: '1=2' },
    });
  });

  test('a deploy of the same content says that there is nothing to do', async () => {
    await fresh();
    const page = await open('/deploy?stack=web');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByText('Nothing to do: revision 4 is exactly this.').waitFor();
  });

  test('a running deployment tells each step with its reason; output is text, never markup', async () => {
    await fresh();
    const page = await open(`/deployments/${RUNNING_DEPLOYMENT}`);
    await page.getByText('nginx:1.27.4 is not on this node').waitFor();
    const output = await page.getByRole('log').first().innerText();
    assert.match(output, /web Pulled\n<img src=x onerror="document.title='owned'">/);
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.title(), 'Overseer');
    await page.getByRole('navigation', { name: 'Nodes of the deployment' }).getByText('parked').click();
    await page.getByText('Parked: the node is not connected.').waitFor();
  });

  test('a failed deployment ends with the tool’s own words', async () => {
    await fresh();
    const page = await open(`/deployments/${FAILED_DEPLOYMENT}`);
    await page.getByText('Failed on 3 of 3 nodes.').waitFor();
    await page.getByText('Error response from daemon: manifest for registry.lan/crm:2.1 not found').waitFor();
    await page.getByText('exit code 18').waitFor();
  });

  test('an event and an audit record open as JSON', async () => {
    await fresh();
    const page = await open('/events?q=fact:offline');
    await page.getByRole('row').nth(1).getByRole('button').click();
    assert.match(await page.getByRole('region', { name: 'JSON' }).innerText(), /"dev.overseer.node.offline.v1"/);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByText('refused · unauthorized').first().waitFor();
    await page.getByRole('button', { name: 'stack.put' }).first().click();
    assert.match(await page.getByRole('region', { name: 'JSON' }).innerText(), /"outcome": "accepted"/);
  });
});
