// Secrets in the console: set, rotated, deleted; a value is nowhere once it was sent.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { arranged } from './arranged.ts';
import { startStandIn } from './stand-in/server.ts';
import { emptyWorld, worldOf } from './stand-in/world.ts';

const CANARY = 'kanarien-vogel-7319';

/** In the document, its fields and its storages. */
function shows(page: Page, text: string): Promise<boolean> {
  return page.evaluate((wanted) => {
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')].map(({ value }) => value);
    const kept = JSON.stringify({ ...localStorage, ...sessionStorage });
    return [document.documentElement.outerHTML, kept, ...fields].some((part) => part.includes(wanted));
  }, text);
}

/** In the state of any component, or of what components hold: caches, mutations, closures' objects. */
function holds(page: Page, text: string): Promise<boolean> {
  return page.evaluate((wanted) => {
    const seen = new Set<unknown>();
    const open: unknown[] = [document.querySelector('#console')];
    while (open.length > 0) {
      const value = open.pop();
      if (typeof value === 'string' && value.includes(wanted)) return true;
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      seen.add(value);
      if (value instanceof Window || value instanceof Document) continue;
      if (value instanceof Map) open.push(...value.values());
      else if (value instanceof Set) open.push(...value);
      for (const key of Reflect.ownKeys(value)) {
        const { value: held } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
        open.push(held);
      }
    }
    return false;
  }, text);
}

const finds = async (page: Page, text: string) => (await shows(page, text)) || (await holds(page, text));

describe('secrets', () => {
  const on = arranged(() => worldOf(20, Date.now()), 'test');

  test('the list says who uses each, who waits, and how the vault works', async () => {
    const page = await on.open('/secrets');
    await page.getByRole('row', { name: /db-password.*4.*shop, wiki/ }).waitFor();
    await page.getByRole('row', { name: /registry-login.*1 node waits/ }).waitFor();
    await page.getByText('the core’s vault seals again by itself').waitFor();
    await page.getByText(/Recovery by age1/).waitFor();
  });

  test('a new one by keyboard: sent once, then nowhere in the page', async () => {
    const page = await on.open('/secrets');
    await page.getByRole('button', { name: 'Set secret' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Set a secret' });
    await dialog.getByLabel('Name').fill('api-key');
    const value = dialog.getByLabel('Value', { exact: true });
    assert.equal(await value.getAttribute('autocomplete'), 'off');
    await value.focus();
    await page.keyboard.type(CANARY);
    await dialog.getByLabel(/^Description/).fill('of the shop');
    assert.ok(await shows(page, CANARY), 'the search itself works');
    assert.ok(await holds(page, 'of the shop'), 'the search through state itself works');
    await page.keyboard.press('Enter');
    await dialog.getByText('api-key is set, version 1. It can not be read again.').waitFor();
    assert.deepEqual(on.sent('PUT', '/secrets/api-key')?.body, { value: CANARY, description: 'of the shop' });
    assert.equal(await finds(page, CANARY), false);
    await page.getByRole('button', { name: 'Done' }).press('Enter');
    await page.getByRole('row', { name: /api-key/ }).waitFor();
    assert.equal(await finds(page, CANARY), false);
  });

  test('a name may have capitals, as the contract has it', async () => {
    const page = await on.open('/secrets');
    await page.getByRole('button', { name: 'Set secret' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('DB_Password.v2');
    await page.getByLabel('Value', { exact: true }).fill(CANARY);
    await page.getByRole('dialog').getByRole('button', { name: 'Set secret' }).click();
    await page.getByText('DB_Password.v2 is set, version 1').waitFor();
    assert.ok(on.sent('PUT', '/secrets/DB_Password.v2'));
  });

  test('in strict mode what waits is told with the command that seals it', async () => {
    on.core.world.secretMode = 'strict';
    const page = await on.open('/secrets');
    await page.getByText('1 secret is not sealed yet for nodes that need it').waitFor();
    const command = 'overseer secret rewrap registry-login --identity FILE';
    await page.getByRole('list', { name: 'Commands that seal what waits' }).getByText(command).waitFor();
    await page.getByRole('button', { name: 'Copy the command for registry-login' }).waitFor();
  });

  test('all of them are listed, however many there are', async () => {
    const [one] = on.core.world.secrets;
    assert.ok(one);
    const many = Array.from({ length: 1200 }, (_, at) => ({
      ...one,
      name: `s-${String(at).padStart(4, '0')}`,
      stacks: [],
    }));
    on.core.world.secrets = many;
    const page = await on.open('/secrets?q=name:s-1199');
    await page.getByRole('row', { name: /s-1199/ }).waitFor();
    await page.getByText('1 of 1200 shown').waitFor({ state: 'attached' });
  });

  test('a value that was refused is not kept either', async () => {
    const page = await on.open('/secrets');
    await page.getByRole('button', { name: 'Rotate db-password' }).click();
    await page.getByText('just the services that use it are made anew').waitFor();
    on.core.refuse(/^PUT \/secrets/);
    await page.getByLabel('Value', { exact: true }).fill(CANARY);
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    await page.getByText('The value was not kept here').waitFor();
    assert.equal(await finds(page, CANARY), false);
  });

  test('one that is in use is not deleted; its stacks are named', async () => {
    const page = await on.open('/secrets');
    await page.getByRole('button', { name: 'Delete db-password' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 stacks use it').waitFor();
    await dialog.getByRole('link', { name: 'wiki' }).waitFor();
    assert.equal(await dialog.getByRole('button', { name: /^Delete/ }).count(), 0);
  });

  test('one that is not in use is deleted after its name was typed', async () => {
    const page = await on.open('/secrets');
    await page.getByRole('button', { name: 'Delete smtp-token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('smtp-token');
    await dialog.getByRole('button', { name: 'Delete secret' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /smtp-token/ }).waitFor({ state: 'detached' });
    assert.ok(on.sent('DELETE', '/secrets/smtp-token'));
  });

  test('without a recovery recipient that is said; without secrets, what to do first', async () => {
    const none = await startStandIn(emptyWorld());
    const page = await on.open('/secrets', { of: none });
    await page.getByRole('heading', { name: 'No secrets yet' }).waitFor();
    await page.getByText('No recovery recipient is set').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Set secret' }).last().click();
    await page.getByRole('dialog', { name: 'Set a secret' }).waitFor();
    await none.stop();
  });

  test('a core that does not answer is said, and asked again', async () => {
    on.core.refuse(/^GET \/secrets/);
    const page = await on.open('/secrets');
    await page.getByRole('alert').getByText('A part that is needed does not answer').waitFor();
    on.core.refuse(null);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /db-password/ }).waitFor();
  });
});
