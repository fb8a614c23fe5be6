// What the browser has to load before the first screen, and what the security policy would refuse.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { arranged } from './arranged.ts';
import { worldOf } from './stand-in/world.ts';

const DIST = join(import.meta.dirname, '../../../clients/console/dist');
const FIRST_ROUTE_BYTES = 180 * 1024;

describe('the built console', () => {
  const on = arranged(() => worldOf(5, Date.now()));

  test('the first screen loads at most 180 kB of compressed JavaScript, and nothing from elsewhere', async () => {
    const page = await on.open('/audit');
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.goto('/nodes');
    await page.getByRole('link', { name: 'nas-1', exact: true }).waitFor();
    assert.deepEqual(
      loaded.filter((url) => !url.startsWith(on.core.url)),
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
