// Notifications, readers and the audit: what is shown, what is sent, and what is never shown again.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arranged } from './arranged.ts';
import { worldOf } from './stand-in/world.ts';

describe('notifications', () => {
  const on = arranged(() => worldOf(12, Date.now()), 'test');

  test('how each target stands', async () => {
    const page = await on.open('/notifications');
    await page.getByRole('row', { name: /on-call ntfy .* node offline, deployment failed delivers/ }).waitFor();
    await page.getByRole('row', { name: /team slack .* errors; of shop/ }).waitFor();
    await page.getByRole('row', { name: /tickets webhook .* failing/ }).waitFor();
    await page.getByRole('row', { name: /new-one .* nothing sent yet/ }).waitFor();
  });

  test('a new one is sent as it was written; the secret that was made is shown once', async () => {
    const page = await on.open('/notifications');
    await page.getByRole('button', { name: 'Add notification' }).first().click();
    await page.getByLabel('Name').fill('pager');
    await page.getByLabel('Address').fill('https://pager.example.com/x?key=1');
    await page.getByRole('checkbox', { name: 'a node is offline' }).check();
    await page.getByLabel('Bad enough are').selectOption('error');
    await page.getByText('Patience', { exact: true }).click();
    await page.getByLabel('A node is offline after').fill('300');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('made-here-4711').waitFor();
    assert.deepEqual(on.sent('PUT', '/notifications/pager')?.body, {
      ...{ kind: 'webhook', url: 'https://pager.example.com/x?key=1' },
      choice: { conditions: ['node-offline'], minimumSeverity: 'error' },
      thresholds: { offlineSeconds: 300 },
    });
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row', { name: /pager webhook/ }).waitFor();
    assert.equal(await page.getByText('made-here-4711').count(), 0);
  });

  test('a change keeps what was not said, its address and its secret among it', async () => {
    const page = await on.open('/notifications');
    await page.getByRole('button', { name: 'Change tickets' }).click();
    await page.getByText('empty: as it is, at https://hooks.example.com').waitFor();
    await page.getByLabel('Of these stacks').selectOption(['shop']);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(on.sent('PUT', '/notifications/tickets')?.body, {
      kind: 'webhook',
      choice: { stacks: ['shop'], minimumSeverity: 'warning' },
      thresholds: { flaps: { count: 6, withinSeconds: 300 } },
    });
  });

  test('what became of each message; a test says how it ended; what was given up is tried again', async () => {
    const page = await on.open('/notifications');
    await page.getByRole('button', { name: 'tickets', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Messages to tickets' });
    await dialog.getByText('40 tries: HTTP 500, try later').waitFor();
    await dialog.getByRole('button', { name: 'Send a test' }).click();
    await dialog.getByText('It was not taken: HTTP 500: try later').waitFor();
    await dialog.getByRole('button', { name: 'Try nas-4 is offline again' }).click();
    await dialog.getByRole('button', { name: 'Try nas-4 is offline again' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Delete tickets' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('tickets');
    await page.getByRole('button', { name: 'Delete notification' }).click();
    await page.getByRole('row', { name: /tickets/ }).waitFor({ state: 'detached' });
  });
});

describe('readers', () => {
  const on = arranged(() => worldOf(12, Date.now()), 'test');

  test('are listed, made by a command that is shown, and removed', async () => {
    const page = await on.open('/readers');
    await page.getByRole('row', { name: /old-wall events expired/ }).waitFor();
    await page.getByRole('button', { name: 'Add reader' }).click();
    await page.getByLabel('Name').fill('wall');
    await page.getByLabel('Of these nodes').selectOption(['nas-1', 'web-eu-1']);
    await page.getByLabel('Days').fill('30');
    await page
      .getByText('overseer reader create wall --role events --node nas-1 --node web-eu-1 --days 30 --out wall.creds')
      .waitFor();
    await page.getByLabel('Reads').selectOption('audit');
    await page.getByText('overseer reader create wall --role audit --days 30 --out wall.creds').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Remove dashboard' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('dashboard');
    await page.getByRole('button', { name: 'Remove reader' }).click();
    await page.getByRole('row', { name: /dashboard/ }).waitFor({ state: 'detached' });
    assert.ok(on.sent('DELETE', '/readers/dashboard'));
  });
});

describe('the audit', () => {
  const on = arranged(() => worldOf(12, Date.now()), 'test');

  test('comes live, each record once', async () => {
    const page = await on.open('/audit');
    await page.getByRole('row').nth(3).waitFor();
    const [made] = on.core.world.audit;
    assert.ok(made);
    const fresh = {
      ...made,
      id: 'f'.repeat(26),
      sequence: 9000,
      object: 'stacks/brand-new',
      at: new Date().toISOString(),
    };
    on.core.record(fresh);
    on.core.record(fresh);
    await page.getByText('stacks/brand-new').waitFor();
    assert.equal(await page.getByText('stacks/brand-new').count(), 1);
  });

  test('is read back beyond what is listed first', async () => {
    const [made] = on.core.world.audit;
    assert.ok(made);
    const at = (age: number) => new Date(Date.now() - age * 60_000).toISOString();
    on.core.world.audit = Array.from({ length: 700 }, (_, age) => ({
      ...{ ...made, id: String(age).padStart(26, 'a'), sequence: 700 - age, at: at(age) },
      object: `stacks/number-${age}`,
    }));
    const page = await on.open('/audit?q=number-699');
    await page.getByText('Nothing matches the filter').waitFor();
    await page.getByRole('button', { name: 'Older' }).click();
    await page.getByText('stacks/number-699').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Older' }).count(), 0);
  });

  test('is verified with the nodes as witnesses', async () => {
    const page = await on.open('/audit');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('All 4211 records and 37 checkpoints are as they were written.').waitFor();
    await page.getByText('38 of 40 nodes answered, 2 did not.').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Export' }).getAttribute('href'), '/api/audit/export');
  });

  test('that somebody changed is told with its first bad record', async () => {
    on.core.world.isTampered = true;
    const page = await on.open('/audit');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('1 fault in 4211 records and 37 checkpoints.').waitFor();
    await page.getByText('Record 12 of scheduler was changed. its content is not what its hash says').waitFor();
  });
});
