// Signing in with the admin token, out again, and what happens when the session is over.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { openBrowser, openView, type View } from './browser.ts';
import { problem } from './stand-in/answers.ts';
import { type StandIn, startStandIn, TOKEN } from './stand-in/server.ts';
import { worldOf } from './stand-in/world.ts';

describe('signing in', () => {
  let browser: Browser;
  let core: StandIn;
  let view: View;
  const open = async (signedIn: boolean) => {
    view = await openView(browser, core, '/nodes?q=name:nas', { signedIn });
    return view.page;
  };
  before(async () => {
    browser = await openBrowser();
    core = await startStandIn(worldOf(20, Date.now()));
  });
  afterEach(async () => {
    core.refuse(null);
    assert.deepEqual(view.faults, []);
    await view.close();
  });
  after(async () => {
    await browser?.close();
    await core?.stop();
  });

  test('a wrong token is refused in words, the right one leads to where one wanted to go', async () => {
    const page = await open(false);
    const field = page.getByLabel('Admin token');
    await field.fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('That token is not right').waitFor();
    await field.fill(`  ${TOKEN}\n`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    assert.match(page.url(), /q=name:nas/);
    const cookies = await page.context().cookies();
    assert.ok(cookies.every(({ httpOnly }) => httpOnly));
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.ok(!kept.includes(TOKEN));
  });

  test('asks nothing but the session before somebody has signed in', async () => {
    core.asked.length = 0;
    const page = await open(false);
    await page.getByLabel('Admin token').waitFor();
    assert.deepEqual([...new Set(core.asked.map(({ path }) => path))], ['/session']);
  });

  test('a core that does not answer is no wrong token', async () => {
    core.refuse(/^POST \/session/);
    const page = await open(false);
    await page.route('**/api/session', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await page.getByLabel('Admin token').fill('any');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The core does not answer').waitFor();
  });

  test('signing out ends the session', async () => {
    const page = await open(true);
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    core.asked.length = 0;
    await page.getByRole('button', { name: 'admin: preferences and sign out' }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByLabel('Admin token').waitFor();
    assert.deepEqual(await page.context().cookies(), []);
    assert.ok(!core.asked.some(({ path }) => path === '/nodes'), 'asked for nodes without a session');
  });

  test('a session that ends meanwhile asks for the token again', async () => {
    const page = await open(true);
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    await page.context().clearCookies();
    core.refuse(/./, problem(401, 'unauthorized', 'Authentication is needed', 'sign in'));
    await page.getByLabel('Admin token').waitFor({ timeout: 15_000 });
  });
});
