// The console on a real core: lines of a real container, followed in a browser while the core is killed, and an audit that
// real nodes witness.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { deploy, onlineNode } from '#test/harness/fleet.ts';
import { type Machine, startMachine } from '#test/harness/machine.ts';
import { numbered } from '#test/harness/numbered-logs.ts';
import { kill } from '#test/harness/processes.ts';
import { type System, startSystem } from '#test/harness/system.ts';
import { until } from '#test/harness/until.ts';
import { openBrowser } from './browser.ts';

const PATIENCE_MS = 120_000;
const WRITERS = { services: 1, linesPerSecond: 10, seconds: 20, maxSize: '10m', maxFile: 3 };
const TOTAL = WRITERS.linesPerSecond * WRITERS.seconds;

describe('the console on a real core', () => {
  let machine: Machine;
  let system: System;
  let browser: Browser;
  let page: Page;
  before(async () => {
    browser = await openBrowser();
    machine = await startMachine();
    system = await startSystem({ dockerHost: machine.dockerHost });
    await onlineNode(system);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, baseURL: system.url });
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto('/nodes');
    await page.getByLabel('Admin token').fill(system.token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Nodes/ }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
    await machine?.stop();
  });

  test('lines come while the core is killed, each once and in order', async () => {
    await page.goto('/logs?stack=counted');
    await page.getByRole('heading', { name: 'No lines' }).waitFor();
    await deploy(system, 'counted', numbered(WRITERS), { nodes: [(await onlineNode(system)).id] });
    const log = page.getByRole('log', { name: 'Log lines' });
    await log
      .getByText(/\bn=\d+ /)
      .first()
      .waitFor();
    const core = system.pid('core');
    kill(core, 'SIGKILL');
    await until(() => (system.find('core') ?? core) !== core, PATIENCE_MS, 'another core');
    await log.getByText(`n=${TOTAL} `).waitFor();
    const seen = new Set<number>();
    await page.keyboard.press('f');
    await log.focus();
    await until(
      async () => {
        const rows = await log
          .locator('[data-index]')
          .evaluateAll((all) =>
            all.map(
              (row) =>
                [Number(row.getAttribute('data-index')), Number(/n=(\d+) /.exec(row.textContent ?? '')?.[1])] as const,
            ),
          );
        // Its place among the rows is its number: none is missing, none is there twice.
        for (const [index, number] of rows) {
          assert.equal(number, index + 1);
          seen.add(number);
        }
        await page.keyboard.press('PageUp');
        return seen.size === TOTAL;
      },
      PATIENCE_MS,
      'every line to be seen',
    );
  });

  test('a search that the core makes, and what it holds', async () => {
    await page.goto('/stacks/counted?tab=logs&text=n%3D19');
    const log = page.getByRole('log', { name: 'Log lines' });
    await log.locator('mark').first().waitFor();
    const shown = (await log.innerText()).match(/\bn=\d+ /g);
    assert.deepEqual(
      shown?.map((text) => Number(text.slice(2))),
      [19, ...Array.from({ length: 10 }, (_, at) => 190 + at)],
    );
    await page.getByRole('button', { name: 'What is held' }).click();
    await page.getByText('Nothing is missing.').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'As an expression' }).click();
    await page.getByLabel('Search').fill('n=(');
    await page.getByRole('alert').getByText(/regex/).first().waitFor();
  });

  test('the audit is verified, and its node was asked', async () => {
    await page.goto('/audit');
    await page
      .getByRole('row', { name: /stack\.put/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/^All \d+ records? and \d+ checkpoints? are as they were written\.$/).waitFor();
    await page.getByText('1 of 1 node answered').waitFor();
  });

  test('a target that does not answer is told to be one', async () => {
    await page.goto('/notifications');
    await page.getByRole('button', { name: 'Add notification' }).first().click();
    await page.getByLabel('Name').fill('nobody');
    await page.getByLabel('Address').fill('http://127.0.0.1:9/hook');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('It is shown once').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'nobody', exact: true }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/^It was not taken: /).waitFor();
  });
});
