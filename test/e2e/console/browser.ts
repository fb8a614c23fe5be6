// A real browser on the console: built when it is out of date, one Chromium for a test file.
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { run } from '#infra/process.ts';
import { chromiumPath } from '#infra/setup/test-parts.ts';
import { type StandIn, TOKEN } from './stand-in/server.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES = 'clients/console/**/*.{ts,tsx,css,html,js,svg}';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function modified(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Only when a source is newer than what was built. Browser tests run one file at a time, so no two build at once. */
export async function buildConsole(): Promise<void> {
  const sources = globSync(SOURCES, { cwd: ROOT, exclude: (name) => name === 'dist' });
  const newest = Math.max(...sources.map(modified));
  if (modified('clients/console/dist/index.html') > newest) return;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const { exitCode, stderr } = await run(process.execPath, [vite, 'build', 'clients/console'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '' },
    timeoutMs: 120_000,
  });
  if (exitCode !== 0) throw new Error(`the console can not be built:\n${stderr}`);
}

export async function openBrowser(): Promise<Browser> {
  await buildConsole();
  return chromium.launch({ executablePath: await chromiumPath(), args: FLAGS });
}

const PATIENCE_MS = 90_000;

export interface View {
  readonly page: Page;
  /** Errors of the page and refusals of its security policy. */
  readonly faults: string[];
  close(): Promise<void>;
}

export interface ViewOptions {
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
  signedIn?: boolean;
}

/** A window of its own, signed in unless said. */
export async function openView(
  browser: Browser,
  core: StandIn,
  path: string,
  options: ViewOptions = {},
): Promise<View> {
  const { theme = 'light', width = 1440, height = 900, signedIn = true } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, baseURL: core.url });
  if (signedIn) await context.request.post('/api/session', { data: { token: TOKEN } });
  // A machine that is busy with other tests is slow, not wrong.
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Warning:|Maximum update/.test(message.text()))
      faults.push(message.text());
  });
  await page.goto(path);
  return { page, faults, close: () => context.close() };
}
