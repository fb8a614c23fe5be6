// Secrets in the console: set, rotated, deleted; a value is nowhere once it was sent.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { arranged } from './arranged.ts';
import { startStandIn } from './stand-in/server.ts';
import { emptyWorld, worldOf } from './stand-in/world.ts';

const CANARY = 'kanarien-vogel-7319';

/** Everywhere a page could keep a text: the document, its fields, its storages, and the state of its components. */
function finds(page: Page, text: string): Promise<boolean> {
  return page.evaluate((wanted) => {
    const seen = new Set<unknown>();
    const holds = (value: unknown, depth: number): boolean => {
      if (typeof value === 'string') return value.includes(wanted);
      if (typeof value !== 'object' || value === null || seen.has(value) || depth > 60) return false;
      seen.add(value);
      if (value instanceof Window || value instanceof Document) return false;
      return Object.keys(value).some((key) => {
        try {
          return holds((value as Record<string, unknown>)[key], depth + 1);
        } catch {
          return false;
        }
      });
    };
    const fields = [...document.querySelectorAll<HTMLInputElement>('input, textarea')].map(({ value }) => value);
    const page = [
      document.documentElement.outerHTML,
      ...fields,
      JSON.stringify({ ...localStorage, ...sessionStorage }),
    ];
    const root = document.querySelector('#console');
    return page.some((part) => part.includes(wanted)) || holds(root, 0);
  }, text);
}

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
    const value = dialog.getByLabel('Value');
    assert.equal(await value.getAttribute('autocomplete'), 'off');
    await value.focus();
    await page.keyboard.type(CANARY);
    assert.ok(await finds(page, CANARY), 'the search itself works');
    await dialog.getByLabel(/^Description/).press('Enter');
    await dialog.getByText('api-key is set, version 1. It can not be read again.').waitFor();
    assert.deepEqual(on.sent('PUT', '/secrets/api-key')?.body, { value: CANARY });
    assert.equal(await finds(page, CANARY), false);
    await page.getByRole('button', { name: 'Done' }).press('Enter');
    await page.getByRole('row', { name: /api-key/ }).waitFor();
    assert.equal(await finds(page, CANARY), false);
  });

  test('a value that was refused is not kept either', async () => {
    const page = await on.open('/secrets');
    await page.getByRole('button', { name: 'Rotate db-password' }).click();
    await page.getByText('just the services that use it are made anew').waitFor();
    on.core.refuse(/^PUT \/secrets/);
    await page.getByLabel('Value').fill(CANARY);
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
