// A short outage of each kind; test/chaos has the long ones.
import { after, before, describe, test } from 'node:test';
import { coreOutage, linkOutage, nothingLostNothingTwice, type World, worldOf } from '#test/harness/outage.ts';

describe('outages', () => {
  let world: World;
  before(async () => {
    world = await worldOf(2);
  });
  after(async () => {
    await world?.stop();
  });

  test('the core is killed: what dies is back in ten seconds, nothing else is touched', async (t) => {
    const { backAfterMs } = await coreOutage(world);
    t.diagnostic(`back after ${backAfterMs} ms`);
  });

  test('the link is cut: five changes cost one read, and only the last take effect', async () => {
    await linkOutage(world, 5, 'reset');
  });

  test('the link is healed before anybody gave it up: what waited comes in a row, and only the last takes effect', async () => {
    await linkOutage(world, 6, 'unnoticed');
  });

  test('every fact arrived once', async () => {
    await nothingLostNothingTwice(world);
  });
});
