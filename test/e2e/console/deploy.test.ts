// Changing a stack while others do: what is sent is what was seen and planned, and nothing that was typed is lost.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { until } from '#test/harness/until.ts';
import { arranged } from './arranged.ts';
import { worldOf } from './stand-in/world.ts';

describe('the deploy form', () => {
  const on = arranged(() => worldOf(20, Date.now()), 'test');
  const stack = (name: string) => {
    const found = on.core.world.stacks.find((each) => each.name === name);
    assert.ok(found);
    return found;
  };
  const sent = async (name: string) => {
    await until(() => on.sent('PUT', `/stacks/${name}`) !== undefined, 3000, 'it to be sent');
    return on.sent('PUT', `/stacks/${name}`)?.body as StackSpec;
  };
  /** Somebody else deploys another text. */
  const overtake = (name: string, compose: string) => {
    const held = stack(name);
    held.spec = { ...held.spec, compose, profiles: ['theirs'] };
    held.compose = compose;
    held.revision += 1;
    return held.revision;
  };

  test('begins with the newest revision, whatever was held, and says on which it was written', async () => {
    const page = await on.open('/stacks/gitea');
    await page.getByRole('heading', { name: 'gitea' }).waitFor();
    const newest = overtake('gitea', 'services: { theirs: {} }\n');
    await page.getByRole('link', { name: 'Change and deploy' }).click();
    const text = page.getByLabel('compose.yaml');
    await text.waitFor();
    assert.equal(await text.inputValue(), 'services: { theirs: {} }\n');
    await text.fill('services: { mine: {} }\n');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    assert.equal(on.sent('PUT', '/stacks/gitea')?.seen, `"${newest}"`);
  });

  test('when another revision is the newest nothing is changed; it is compared, loaded, and what was typed stays', async () => {
    const page = await on.open('/deploy?stack=gitea');
    const text = page.getByLabel('compose.yaml');
    await text.fill('services: { mine: {} }\n');
    const seen = stack('gitea').revision;
    const newest = overtake('gitea', 'services: { theirs: {} }\n');
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click();
    const moved = page.getByRole('alert');
    await moved
      .getByText(`Revision ${newest} of gitea is the newest now; this was written on revision ${seen}`)
      .waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    await moved.getByRole('button', { name: 'See what changed' }).press('Enter');
    await page.getByRole('dialog', { name: `Revision ${seen} → ${newest} of gitea` }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await text.inputValue(), 'services: { mine: {} }\n');
    await moved.getByRole('button', { name: `Load revision ${newest}` }).press('Enter');
    const loaded = page.getByRole('status').filter({ hasText: `Revision ${newest} is loaded.` });
    await loaded.getByText('compose text: as you typed it').waitFor();
    assert.equal(await text.inputValue(), 'services: { mine: {} }\n');
    await loaded.getByRole('button', { name: /^Take that of revision/ }).press('Enter');
    assert.equal(await text.inputValue(), 'services: { theirs: {} }\n');
    await loaded.getByRole('button', { name: /^Take mine/ }).press('Enter');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    const { body, seen: said } = on.sent('PUT', '/stacks/gitea') ?? {};
    assert.equal(said, `"${newest}"`);
    const { compose, profiles } = body as { compose: string; profiles: string[] };
    assert.deepEqual([compose, profiles], ['services: { mine: {} }\n', ['theirs']]);
  });

  test('a new stack does not take the place of one that is there', async () => {
    const page = await on.open('/deploy');
    await page.getByLabel('Name').fill('wiki');
    await page.getByLabel('compose.yaml').fill('services: { mine: {} }\n');
    await page.getByRole('radio', { name: 'every node with labels' }).check();
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.getByRole('alert').getByText('There is a stack named wiki already').waitFor();
    assert.equal(on.sent('PUT', '/stacks/wiki')?.seen, '*');
    await page.getByRole('button', { name: 'Change wiki instead' }).click();
    await page.getByRole('heading', { name: 'Change wiki' }).waitFor();
    assert.equal(await page.getByLabel('compose.yaml').inputValue(), 'services: { mine: {} }\n');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    assert.equal(on.sent('PUT', '/stacks/wiki')?.seen, `"${stack('wiki').revision}"`);
  });

  test('what was planned is what is deployed, whatever was typed meanwhile', async () => {
    const page = await on.open('/deploy?stack=gitea');
    const text = page.getByLabel('compose.yaml');
    await text.fill('services: { planned: {} }\n');
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route('**/plan', async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Plan' }).click();
    await text.fill('services: { later: {} }\n');
    answer();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('The form was changed while this was planned').waitFor();
    await dialog.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    const { body } = on.sent('PUT', '/stacks/gitea') ?? {};
    assert.equal((body as { compose: string }).compose, 'services: { planned: {} }\n');
  });

  test('a field that is not valid opens the part it is folded in', async () => {
    on.core.world.secrets = on.core.world.secrets.map((each) =>
      each.name === 'db-password' ? { ...each, name: 'DB_Password' } : each,
    );
    const page = await on.open('/deploy');
    await page.getByLabel('Name').fill('web2');
    await page.getByLabel('compose.yaml').fill('services: {}\n');
    const fold = (title: string) => page.locator('details').filter({ has: page.getByText(title, { exact: true }) });
    const isOpen = (title: string) => fold(title).evaluate((element) => (element as HTMLDetailsElement).open);
    await page.getByText('Secrets', { exact: true }).last().click();
    await page.getByLabel('Add a secret').selectOption('DB_Password');
    await page.getByText('Rollout and drift', { exact: true }).click();
    await page.getByLabel('Must stay up for, seconds').fill('9999');
    await page.getByText('Files', { exact: true }).click();
    await page.getByRole('button', { name: 'Add a file' }).click();
    for (const title of ['Secrets', 'Rollout and drift', 'Files']) {
      await page.getByText(title, { exact: true }).last().click();
      await until(async () => !(await isOpen(title)), 2000, `${title} closed`);
    }
    await page.getByRole('button', { name: 'Plan' }).click();
    await until(() => isOpen('Rollout and drift'), 2000, 'the rollout open');
    assert.equal(await isOpen('Files'), true);
    assert.equal(await isOpen('Secrets'), false, 'capitals are no fault in the name of a secret');
    assert.equal(on.sent('POST', '/stacks/web2/plan'), undefined);
    await page.getByLabel('Must stay up for, seconds').fill('10');
    await page.getByLabel('File', { exact: true }).fill('conf/app.toml');
    await page.getByLabel('Text of conf/app.toml').fill('a = 1\n');
    await page.getByRole('button', { name: 'Deploy' }).click();
    await page.waitForURL(/deployments/);
    const { body } = on.sent('PUT', '/stacks/web2') ?? {};
    assert.deepEqual(body, {
      compose: 'services: {}\n',
      targets: { nodes: [] },
      files: { 'conf/app.toml': 'a = 1\n' },
      secrets: { DB_Password: {} },
      strategy: { stabilitySeconds: 10 },
    });
  });

  test('an environment is read as a .env file; a line that is none is named before it is sent', async () => {
    const page = await on.open('/deploy?stack=gitea');
    const field = page.getByLabel(/^Environment/);
    await field.fill('export A="x # y" # z\nB=1 # no\nnonsense');
    await page.getByText('Line 3 is not KEY=value.').waitFor();
    await page.getByRole('button', { name: 'Plan' }).click();
    assert.equal(on.sent('POST', '/stacks/gitea/plan'), undefined);
    await field.fill('export A="x # y" # z\nB=1 # no\nC="one\ntwo"');
    await page.getByRole('button', { name: 'Deploy' }).click();
    const { env } = await sent('gitea');
    assert.deepEqual(env, { A: 'x # y', B: '1', C: 'one\ntwo' });
  });

  test('images, their logins and what it waits for are set', async () => {
    const page = await on.open('/deploy?stack=gitea');
    await page.getByText('New images', { exact: true }).click();
    await page.getByLabel('When a tag moves, images').selectOption('deploy');
    await page.getByLabel('Look for them every, seconds').fill('600');
    await page.getByRole('button', { name: 'Add a registry’s login' }).press('Enter');
    await page.getByLabel('Registry', { exact: true }).fill('registry.lan:5000');
    await page.getByRole('combobox', { name: 'Secret', exact: true }).selectOption('registry-login');
    await page.getByText('Needs', { exact: true }).click();
    const waits = page.getByLabel('Waits until these stacks run');
    await waits.selectOption('metrics');
    await waits.selectOption('wiki');
    await page.getByRole('button', { name: 'Don’t wait for wiki' }).click();
    await page.getByRole('button', { name: 'Deploy' }).click();
    const { images, dependsOn } = await sent('gitea');
    assert.deepEqual(images, {
      policy: 'deploy',
      credentials: { 'registry.lan:5000': 'registry-login' },
      everySeconds: 600,
    });
    assert.deepEqual(dependsOn, ['metrics']);
  });
});
