// No fault that axe can find, on any screen, in both themes; targets large enough for a finger; no sideways scroll on a
// narrow page.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { openBrowser, openView } from './browser.ts';
import { rows, SCREENS } from './seen-screens.ts';
import { ROLLOUT } from './stand-in/rollout.ts';
import { type StandIn, startStandIn } from './stand-in/server.ts';
import { FAILED_DEPLOYMENT } from './stand-in/stacks.ts';
import { emptyWorld, worldOf } from './stand-in/world.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** A dozen rows say as much as forty, in a third of the time. */
const HEIGHT = 480;
const THEMES = ['light', 'dark'] as const;

// Screens are looked at side by side: none changes what another sees.
describe('accessibility', { concurrency: 3 }, () => {
  let browser: Browser;
  let core: StandIn;
  let none: StandIn;
  let failing: StandIn;
  before(async () => {
    browser = await openBrowser();
    core = await startStandIn(worldOf(40, Date.now()));
    none = await startStandIn(emptyWorld());
    failing = await startStandIn(emptyWorld());
    failing.refuse(/^GET \/(nodes|secrets|logs)/);
  });
  after(async () => {
    await browser?.close();
    await core?.stop();
    await none?.stop();
    await failing?.stop();
  });

  for (const theme of THEMES) {
    for (const screen of SCREENS) {
      test(`${screen.name}, ${theme}`, async () => {
        const own = screen.fails === true ? failing : screen.empty === true ? none : core;
        const view = await openView(browser, own, screen.path(own), {
          theme,
          height: HEIGHT,
          signedIn: screen.signedIn ?? true,
        });
        await screen.ready(view.page);
        const { violations } = await new AxeBuilder({ page: view.page }).withTags(TAGS).analyze();
        const found = violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
        );
        await view.close();
        assert.deepEqual(found, []);
      });
    }
  }

  test('a button without a name is found (the check itself works)', async () => {
    const view = await openView(browser, core, '/stacks');
    await rows(view.page);
    await view.page.evaluate(() => document.querySelector('main')?.append(document.createElement('button')));
    const { violations } = await new AxeBuilder({ page: view.page }).withTags(TAGS).analyze();
    await view.close();
    assert.ok(violations.some(({ id }) => id === 'button-name'));
  });

  test('whatever can be pressed is at least 24 pixels high, or a link in a line of text', async () => {
    for (const path of [
      '/nodes',
      '/stacks/shop',
      '/stacks/shop?tab=revisions',
      '/secrets',
      '/logs',
      '/notifications',
      '/readers',
      '/audit',
      '/deployments',
      `/deployments/${ROLLOUT}`,
    ]) {
      const view = await openView(browser, core, path);
      await view.page.getByRole('main').getByRole('button').first().waitFor();
      const small = await view.page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, input, select, summary')]
          .filter((element) => !element.matches('.row-link, .chip, .sr-only, [type="checkbox"], [type="radio"]'))
          .map((element) => ({ text: element.outerHTML.slice(0, 120), box: element.getBoundingClientRect() }))
          .filter(({ box }) => box.height > 0 && (box.height < 24 || box.width < 20))
          .map(({ text, box }) => `${box.width}x${box.height} ${text}`),
      );
      await view.close();
      assert.deepEqual(small, []);
    }
  });

  test('a page of 320 pixels does not scroll sideways', async () => {
    for (const path of [
      `/nodes/${core.world.nodes[2]?.id}`,
      '/stacks/shop',
      '/stacks/web?tab=settings',
      '/stacks/shop?tab=revisions',
      `/deployments/${FAILED_DEPLOYMENT}`,
      `/deployments/${ROLLOUT}`,
      '/deploy',
      '/deploy?stack=web',
      '/logs',
      '/notifications',
      '/stacks/shop?tab=logs',
    ]) {
      const view = await openView(browser, core, path, { width: 320, height: 640 });
      await view.page.getByRole('heading', { level: 1 }).waitFor();
      const [inner, outer] = await view.page.evaluate(() => {
        const main = document.querySelector('main') as HTMLElement;
        return [main.scrollWidth, main.clientWidth] as const;
      });
      await view.close();
      assert.ok(inner <= outer, `${path}: ${inner} in ${outer}`);
    }
  });
});
