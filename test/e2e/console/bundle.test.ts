// What the browser has to load before the first screen, and what the security policy would refuse.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { openBrowser, openView } from './browser.ts';
import { type StandIn, startStandIn } from './stand-in/server.ts';
import { worldOf } from './stand-in/world.ts';

const DIST = join(import.meta.dirname, '../../../clients/console/dist');
const FIRST_ROUTE_BYTES = 180 * 1024;

describe('the built console', () => {
  let browser: Browser;
  let core: StandIn;
  before(async () => {
    browser = await openBrowser();
    core = await startStandIn(worldOf(5, Date.now()));
  });
  after(async () => {
    await browser?.close();
    await core?.stop();
  });

  test('the first screen loads at most 180 kB of compressed JavaScript, and nothing from elsewhere', async () => {
    const view = await openView(browser, core, '/audit');
    const loaded: string[] = [];
    view.page.on('request', (request) => loaded.push(request.url()));
    await view.page.goto('/nodes');
    await view.page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    await view.close();
    assert.deepEqual(
      loaded.filter((url) => !url.startsWith(core.url)),
      [],
    );
    const scripts = [...new Set(loaded.map((url) => new URL(url).pathname))].filter((path) => path.endsWith('.js'));
    const bytes = scripts.reduce((sum, path) => sum + gzipSync(readFileSync(join(DIST, path))).length, 0);
    assert.ok(scripts.length > 1 && bytes < FIRST_ROUTE_BYTES, `${scripts.length} files, ${bytes} bytes`);
  });

  test('the page has no inline script', () => {
    const page = readFileSync(join(DIST, 'index.html'), 'utf8');
    const inline = [...page.matchAll(/<script(?![^>]*\bsrc=)[^>]*>/g)];
    assert.deepEqual(inline, []);
    assert.ok(page.includes('src="/theme.js"'));
  });
});
