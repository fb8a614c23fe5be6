// The console without a mouse.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '#test/harness/until.ts';
import { arranged } from './arranged.ts';
import { worldOf } from './stand-in/world.ts';

describe('by keyboard', () => {
  const on = arranged(() => worldOf(200, Date.now()));
  const open = async (path: string) => {
    const page = await on.open(path);
    await page.getByRole('table').first().waitFor();
    return page;
  };
  const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

  test('/ goes to the filter, letters typed there are letters, Escape clears it', async () => {
    const page = await open('/nodes');
    await page.keyboard.press('/');
    await page.keyboard.type('jgn?');
    assert.equal(await page.getByLabel('Filter nodes').inputValue(), 'jgn?');
    await page.keyboard.press('Escape');
    assert.equal(await page.getByLabel('Filter nodes').inputValue(), '');
  });

  test('j and k walk through the rows, also past the end of the screen, Enter opens', async () => {
    const page = await open('/nodes?q=name:cabin');
    await page.keyboard.press('j');
    await until(async () => (await focused(page)) === 'cabin-pi-1', 2000, 'the first row');
    for (const name of ['cabin-pi-2', 'cabin-pi-3', 'cabin-pi-4']) {
      await page.keyboard.press('j');
      await until(async () => (await focused(page)) === name, 2000, name);
    }
    await page.keyboard.press('k');
    await until(async () => (await focused(page)) === 'cabin-pi-3', 2000, 'back');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'cabin-pi-3' }).waitFor();
  });

  test('a row below the screen comes into sight when it is walked to', async () => {
    const page = await open('/nodes');
    for (let row = 0; row < 45; row += 1) {
      await page.keyboard.press('j');
      await until(
        () =>
          page.evaluate(
            (index) => document.activeElement?.closest('[data-index]')?.getAttribute('data-index') === String(index),
            row,
          ),
        2000,
        `row ${row}`,
      );
    }
    const box = await page.locator(':focus').boundingBox();
    assert.ok(box !== null && box.y > 100 && box.y < 900, JSON.stringify(box));
  });

  test('g and a letter go to the places', async () => {
    const page = await open('/nodes');
    for (const [key, heading] of [
      ['s', 'Stacks'],
      ['d', 'Deployments'],
      ['k', 'Secrets'],
      ['l', 'Logs'],
      ['e', 'Events'],
      ['a', 'Audit'],
      ['n', 'Nodes'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    }
  });

  test('? shows the keys; while a dialog is open they rest', async () => {
    const page = await open('/nodes');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    assert.match(page.url(), /nodes/);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('single-key shortcuts can be switched off', async () => {
    const page = await open('/nodes');
    await page.getByRole('button', { name: 'admin: preferences and sign out' }).click();
    await page.getByRole('group', { name: 'Single-key shortcuts' }).getByText('Off').click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    assert.match(page.url(), /nodes/);
    assert.equal(await page.getByRole('dialog').count(), 0);
  });

  test('the theme is chosen, kept, and set before the page is drawn', async () => {
    const page = await open('/nodes');
    await page.getByRole('button', { name: 'admin: preferences and sign out' }).click();
    await page.getByRole('group', { name: 'Theme' }).getByText('Dark').click();
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    await until(async () => (await theme()) === 'dark', 2000, 'dark');
    await page.route('**/assets/*.js', (route) => route.abort());
    await page.reload();
    assert.equal(await theme(), 'dark');
  });

  test('the first Tab offers to skip to the content', async () => {
    const page = await open('/nodes');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'content');
  });
});
