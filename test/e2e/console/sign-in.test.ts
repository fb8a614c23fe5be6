// Signing in with the admin token, out again, and what happens when the session is over.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arranged } from './arranged.ts';
import { problem } from './stand-in/answered.ts';
import { TOKEN } from './stand-in/server.ts';
import { worldOf } from './stand-in/world.ts';

describe('signing in', () => {
  const on = arranged(() => worldOf(20, Date.now()));
  const open = (signedIn: boolean) => on.open('/nodes?q=name:nas', { signedIn });

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
    on.core.asked.length = 0;
    const page = await open(false);
    await page.getByLabel('Admin token').waitFor();
    assert.deepEqual([...new Set(on.core.asked.map(({ path }) => path))], ['/session']);
  });

  test('a core that does not answer is no wrong token', async () => {
    on.core.refuse(/^POST \/session/);
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
    on.core.asked.length = 0;
    await page.getByRole('button', { name: 'admin: preferences and sign out' }).click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByLabel('Admin token').waitFor();
    assert.deepEqual(await page.context().cookies(), []);
    assert.ok(!on.core.asked.some(({ path }) => path === '/nodes'), 'asked for nodes without a session');
  });

  test('a session that ends meanwhile asks for the token again', async () => {
    const page = await open(true);
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    await page.context().clearCookies();
    on.core.refuse(/./, problem(401, 'unauthorized', 'Authentication is needed', 'sign in'));
    await page.getByLabel('Admin token').waitFor({ timeout: 15_000 });
  });
});
