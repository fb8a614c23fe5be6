// What every file of browser tests needs: one Chromium, a stand-in core, and a page for each test that must end without a
// fault of its own.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openView, type View, type ViewOptions } from './browser.ts';
import { type StandIn, startStandIn } from './stand-in/server.ts';
import type { World } from './stand-in/world.ts';

export interface Arranged {
  readonly browser: Browser;
  readonly core: StandIn;
  /** A page of the test's own, closed and judged after it. */
  open(path: string, options?: ViewOptions & { of?: StandIn }): Promise<Page>;
  /** The newest call of the kind. */
  sent(method: string, path: string): StandIn['asked'][number] | undefined;
}

/** `test`: each test has a world of its own, to change as it likes. Called in a `describe`. */
export function arranged(worldOf: () => World, forEach: 'file' | 'test' = 'file'): Arranged {
  const held: { browser?: Browser; core?: StandIn; view?: View } = {};
  const start = async () => {
    held.core = await startStandIn(worldOf());
  };
  const there = <Part>(part: Part | undefined): Part => {
    assert.ok(part, 'asked for before it was there');
    return part;
  };
  before(async () => {
    held.browser = await openBrowser();
    if (forEach === 'file') await start();
  });
  if (forEach === 'test') beforeEach(start);
  afterEach(async () => {
    const { core, view } = held;
    delete held.view;
    core?.refuse(null);
    core?.cutStreams(false);
    await view?.close();
    if (forEach === 'test') await core?.stop();
    assert.deepEqual(view?.faults ?? [], []);
  });
  after(async () => {
    await held.browser?.close();
    if (forEach === 'file') await held.core?.stop();
  });
  return {
    get browser() {
      return there(held.browser);
    },
    get core() {
      return there(held.core);
    },
    async open(path, { of, ...options } = {}) {
      held.view = await openView(there(held.browser), of ?? there(held.core), path, options);
      return held.view.page;
    },
    sent: (method, path) => there(held.core).asked.findLast((each) => each.method === method && each.path === path),
  };
}
