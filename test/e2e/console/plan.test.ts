// Deploying with a plan before it, by keyboard alone; and what the form makes of secrets, batches and a repository.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arranged } from './arranged.ts';
import { worldOf } from './stand-in/world.ts';

describe('a deploy with a plan', () => {
  const on = arranged(() => worldOf(40, Date.now()), 'test');

  test('by keyboard: the text, the plan with its reasons, then the deployment', async () => {
    const page = await on.open('/deploy');
    await page.getByLabel('compose.yaml').focus();
    await page.keyboard.type('services: {}');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.keyboard.type('web2');
    await page.getByRole('checkbox', { name: /nas-1 online/ }).press('Space');
    await page.getByLabel('Name').press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Plan for web2' });
    await dialog.getByText('Revision 1 would change 1 node now.').waitFor();
    const text = await dialog.innerText();
    assert.match(text, /web\s+recreated\s+other image: nginx:1.27.3 → nginx:1.27.4/);
    assert.match(text, /cache\s+kept/);
    assert.match(text, /worker\s+created\s+new/);
    assert.match(text, /old-job\s+removed\s+not in the stack any more/);
    assert.match(text, /pull\s+nginx:1.27.4 is not on this node/);
    assert.equal(on.sent('PUT', '/stacks/web2'), undefined);
    for (let at = 0; at < 8; at += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Deploy') break;
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(/deployments/);
    const planned = on.sent('POST', '/stacks/web2/plan')?.body;
    assert.deepEqual(on.sent('PUT', '/stacks/web2')?.body, planned);
  });

  test('nodes that are away are named as parked, those that do not answer as unknown; the rest is told once', async () => {
    const page = await on.open('/deploy?stack=gitea');
    await page.getByRole('button', { name: 'Plan' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('on reconnect').waitFor();
    const away = on.core.world.nodes.filter(({ liveness }) => liveness === 'offline').map(({ name }) => name);
    const parked = await dialog.getByRole('listitem').filter({ hasText: 'on reconnect' }).innerText();
    assert.ok(
      away.some((name) => parked.includes(name)),
      parked,
    );
    assert.ok((await dialog.getByRole('table').count()) <= 2);
    await page.getByRole('button', { name: 'Back' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(on.sent('PUT', '/stacks/gitea'), undefined);
  });

  test('what the present revision would still change is planned from its page; there is nothing to deploy', async () => {
    const page = await on.open('/stacks/gitea');
    await page.getByRole('button', { name: 'Plan', exact: true }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Plan for gitea' });
    await dialog.getByText(/^Revision 6 would change \d+ nodes? now/).waitFor();
    await dialog.getByText('compose.yaml was edited by hand').first().waitFor();
    assert.equal(await dialog.getByRole('button', { name: 'Deploy' }).count(), 0);
    assert.equal(on.sent('POST', '/stacks/gitea/plan')?.body, null);
    await dialog.getByRole('button', { name: 'Close' }).last().press('Enter');
    await dialog.waitFor({ state: 'detached' });
  });

  test('a plan that is refused shows the line, and nothing is lost', async () => {
    const page = await on.open('/deploy?stack=gitea');
    on.core.refuse(/plan$/, {
      status: 422,
      body: { title: 'The compose text is not valid', code: 'compose-malformed', detail: 'no such key', line: 3 },
    });
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByRole('alert').getByText('Line 3: no such key').waitFor();
    assert.equal(await page.getByLabel('compose.yaml').getAttribute('aria-invalid'), 'true');
  });

  test('batches, secrets, profiles and drift are sent as they were set', async () => {
    const page = await on.open('/deploy');
    await page.getByLabel('Name').fill('web2');
    await page.getByLabel('compose.yaml').fill('services: {}\n');
    await page.getByRole('radio', { name: 'every node with labels' }).check();
    await page.getByText('Rollout and drift').click();
    assert.ok(await page.getByLabel('Next batch goes').isDisabled());
    await page.getByLabel('Nodes at a time').fill('25%');
    await page.getByLabel('Pause between, seconds').fill('30');
    await page.getByLabel('Next batch goes').selectOption('manual');
    await page.getByLabel('Go back to the last good revision').uncheck();
    await page.getByLabel('Changes made by hand').selectOption('report');
    await page.getByLabel('Profiles').fill('debug, backup');
    await page.getByText('Secrets', { exact: true }).last().click();
    await page.getByLabel('Add a secret').selectOption('db-password');
    assert.equal(await page.getByText('A variable stays readable').count(), 0);
    await page.getByLabel('as environment variable too').check();
    await page.getByText('A variable stays readable').waitFor();
    assert.equal(await page.getByLabel('Variable for db-password').inputValue(), 'DB_PASSWORD');
    await page.getByLabel('Add a secret').selectOption('smtp-token');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    assert.deepEqual(on.sent('PUT', '/stacks/web2')?.body, {
      compose: 'services: {}\n',
      targets: { selector: {} },
      secrets: { 'db-password': { environment: 'DB_PASSWORD' }, 'smtp-token': {} },
      profiles: ['debug', 'backup'],
      drift: 'report',
      strategy: { batch: '25%', pauseSeconds: 30, gate: 'manual', rollback: false },
    });
  });

  test('a repository takes the place of the text', async () => {
    const page = await on.open('/deploy');
    await page.getByLabel('Name').fill('web2');
    await page.getByRole('radio', { name: 'every node with labels' }).check();
    await page.getByRole('radio', { name: 'Git repository' }).check();
    await page.getByLabel('Repository', { exact: true }).fill('https://git.example.com/a.git');
    await page.getByLabel(/^Path/).fill('web');
    await page.getByLabel('Credential').selectOption('deploy-key');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    assert.deepEqual(on.sent('PUT', '/stacks/web2')?.body, {
      source: { repository: 'https://git.example.com/a.git', ref: 'main', path: 'web', credential: 'deploy-key' },
      targets: { selector: {} },
    });
  });
});
