// The page of logs in a real browser: live, read back, searched, and honest about what is missing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '#test/harness/until.ts';
import { arranged } from './arranged.ts';
import { gapOf, lineOf } from './stand-in/logs.ts';
import { worldOf } from './stand-in/world.ts';

const PATIENCE_MS = 30_000;

describe('logs', () => {
  const on = arranged(() => worldOf(12, Date.now()), 'test');
  const log = (page: Page) => page.getByRole('log', { name: 'Log lines' });
  const open = async (path: string) => {
    const page = await on.open(path);
    await log(page).locator('[data-index]').first().waitFor();
    return page;
  };
  const node = () => on.core.world.nodes[0]?.id ?? '';
  const say = (count: number, text: (number: number) => string = (n) => `said ${n}`) => {
    const from = on.core.world.logs.length;
    const made = Array.from({ length: count }, (_, at) =>
      lineOf(node(), from + at, Date.now(), { text: text(from + at) }),
    );
    on.core.say(...made);
    return from + count - 1;
  };
  const fromEnd = (page: Page) => log(page).evaluate((at) => at.scrollHeight - at.scrollTop - at.clientHeight);
  const asked = (part: RegExp) => on.core.asked.filter(({ path, query }) => path === '/logs' && part.test(query));

  test('the newest lines are shown, those that come as they come, and it stays at the end', async () => {
    const page = await open('/logs');
    await until(async () => (await fromEnd(page)) < 30, PATIENCE_MS, 'the end');
    for (let round = 0; round < 5; round += 1) {
      const last = say(50);
      await log(page).getByText(`said ${last}`, { exact: true }).waitFor();
      await until(async () => (await fromEnd(page)) < 30, PATIENCE_MS, 'the end');
    }
  });

  test('who scrolls up is left there, told how many came, and brought back', async () => {
    const page = await open('/logs');
    await until(async () => (await fromEnd(page)) < 30, PATIENCE_MS, 'the end');
    await log(page).hover();
    await page.mouse.wheel(0, -900);
    await page.getByRole('button', { name: 'To the end' }).waitFor();
    const seen = log(page).locator('[data-index]').nth(25);
    const [text, place] = [await seen.innerText(), (await seen.boundingBox())?.y ?? 0];
    const last = say(120);
    await page.getByRole('button', { name: '120 new lines' }).waitFor();
    const same = log(page)
      .getByText(text.split('\n').at(-1) ?? '', { exact: true })
      .first();
    assert.ok(Math.abs(((await same.boundingBox())?.y ?? 0) - place) < 25);
    await page.getByRole('button', { name: '120 new lines' }).click();
    await log(page).getByText(`said ${last}`, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Following' }).waitFor();
  });

  test('what was before is read when somebody comes to it, down to the first line', async () => {
    const page = await open('/logs');
    await until(async () => (await fromEnd(page)) < 30, PATIENCE_MS, 'the end');
    await log(page).hover();
    await until(
      async () => {
        await page.mouse.wheel(0, -20_000);
        return page.getByText('Nothing before this is kept.').isVisible();
      },
      PATIENCE_MS,
      'the first line',
    );
    await until(
      async () => {
        await page.mouse.wheel(0, -20_000);
        return log(page).getByText('GET /products/0 200 12 ms', { exact: true }).isVisible();
      },
      PATIENCE_MS,
      'the first line on screen',
    );
    const cursors = asked(/cursor=/).map(({ query }) => new URLSearchParams(query).get('cursor'));
    assert.equal(cursors.length, new Set(cursors).size, 'no page is read twice');
    assert.ok((await log(page).locator('[data-index]').count()) < 200, 'only what is on screen exists');
  });

  test('fifty thousand lines and no more are held, and the page lives', async () => {
    const page = await open('/logs');
    for (let round = 0; round < 12; round += 1) say(5000, (n) => `many ${n}`);
    const last = say(1, (n) => `last ${n}`);
    await log(page).getByText(`last ${last}`, { exact: true }).waitFor({ timeout: PATIENCE_MS });
    const height = await log(page).evaluate((at) => at.scrollHeight);
    assert.ok(height > 40_000 * 20 && height < 52_000 * 24, String(height));
    await page.getByRole('button', { name: /^View/ }).click();
    await page.getByLabel('Wrap long lines').uncheck();
    await log(page).getByText(`last ${last}`, { exact: true }).waitFor();
  });

  test('a line is text, its colours are ours; what is missing has a row of its own', async () => {
    const page = await open('/logs');
    await log(page).getByText('1,204 lines are missing on nas-1 shop/web: more than the rate of the stack').waitFor();
    on.core.say(gapOf(node(), on.core.world.logs.length, Date.now(), 1));
    await log(page).getByText('1 line is missing on nas-1 shop/web').waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    assert.equal(await page.title(), 'Overseer');
    await log(page).locator('.text-log-red.font-semibold', { hasText: 'Error' }).first().waitFor();
    await page.keyboard.press('f');
    await page.getByRole('button', { name: 'Follow', exact: true }).waitFor();
    await page.keyboard.press('k');
    await page.keyboard.press('o');
    await page.getByRole('dialog', { name: 'Missing lines' }).getByText('shop-web-1').waitFor();
  });

  test('a search stands in the address, marks what it found, and asks the core', async () => {
    const page = await open('/logs');
    await page.keyboard.press('/');
    await page.keyboard.type('timed out');
    await page.keyboard.press('Enter');
    await page.waitForURL(/text=timed\+out/);
    await log(page).locator('mark', { hasText: 'timed out' }).first().waitFor();
    await until(async () => (await log(page).getByText('GET /cart').count()) === 0, PATIENCE_MS, 'only what matches');
    await page.getByLabel('Stream', { exact: true }).selectOption('stderr');
    await page.getByLabel('Node', { exact: true }).selectOption(node());
    await page.waitForURL(new RegExp(`node=${node()}.*stream=stderr|stream=stderr.*node=${node()}`));
    await until(
      () => asked(/text=timed\+out.*/).some(({ query }) => query.includes('stream=stderr') && query.includes(node())),
      PATIENCE_MS,
      'asked',
    );
    // The neighbours of a hit, whatever was looked for.
    await page.getByLabel('Other lines').selectOption('on');
    await log(page).getByText('retry 2 of 5').first().waitFor();
    await page.getByRole('button', { name: 'Following' }).click();
    await page.keyboard.press('n');
    await page.waitForURL(/line=/);
    await page.keyboard.press('o');
    await page.getByRole('button', { name: 'Show what was around it' }).click();
    await page.waitForURL(/since=.*until=|until=.*since=/);
    await page.getByText('Of the past').waitFor();
    await page.goBack();
    await page.waitForURL(/text=timed/);
  });

  test('an expression that can not be is told by the core', async () => {
    const page = await open('/logs');
    await page.getByRole('button', { name: 'As an expression' }).click();
    await page.getByLabel('Search').fill('(');
    await page.getByRole('alert').getByText('regex: missing closing )').waitFor();
    await page.getByLabel('Search').fill('');
    await log(page).locator('[data-index]').first().waitFor();
  });

  test('a connection that breaks is told, and each line is there once when it is back', async () => {
    const page = await open('/logs?text=said');
    say(20);
    await log(page)
      .getByText(`said ${on.core.world.logs.length - 1}`, { exact: true })
      .waitFor();
    on.core.cutStreams(true);
    await page.getByText(/^Reconnecting/).waitFor();
    say(20);
    on.core.cutStreams(false);
    const last = say(20);
    await log(page).getByText(`said ${last}`, { exact: true }).waitFor({ timeout: PATIENCE_MS });
    await page.getByRole('main').getByText('Live', { exact: true }).waitFor();
    const shown = await log(page)
      .getByText(/^said \d+$/)
      .allInnerTexts();
    const all = Array.from({ length: 60 }, (_, at) => `said ${last - 59 + at}`);
    assert.deepEqual(shown, all.slice(-shown.length));
    assert.ok(shown.length > 25, String(shown.length));
  });

  test('of a stack and of a node, and what is held of each file', async () => {
    const page = await open('/stacks/shop?tab=logs');
    assert.ok(asked(/stack=shop/).length > 0);
    await page.getByRole('button', { name: 'What is held' }).click();
    const dialog = page.getByRole('dialog', { name: 'What is held' });
    await dialog.getByText('1,204 lines: more than the rate of the stack').waitFor();
    await dialog.getByText('8,000 lines removed here to make room, or on the way').waitFor();
    await page.keyboard.press('Escape');
    await page.goto(`/nodes/${node()}`);
    await page.getByRole('link', { name: 'Logs', exact: true }).nth(1).click();
    await page.waitForURL(/tab=logs/);
    await log(page).locator('[data-index]').first().waitFor();
    assert.ok(asked(new RegExp(`node=${node()}`)).length > 0);
    await page.getByRole('button', { name: /^Download/ }).click();
    const link = page.getByRole('link', { name: 'As text' });
    assert.match(
      (await link.getAttribute('href')) ?? '',
      new RegExp(`^/api/logs/download\\?node=${node()}&format=text$`),
    );
  });

  test('times as they are wanted, kept for the next time', async () => {
    const page = await open('/logs');
    await log(page).locator('time').first().waitFor();
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    await until(async () => (await log(page).locator('time').count()) === 0, PATIENCE_MS, 'no times');
    await page.reload();
    await log(page).locator('[data-index]').first().waitFor();
    assert.equal(await log(page).locator('time').count(), 0);
  });
});
