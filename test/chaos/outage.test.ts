// Long outages: five stacks, every part killed, twenty changes behind a cut link that swallows everything in silence.
import { after, before, describe, test } from 'node:test';
import { coreOutage, linkOutage, nothingLostNothingTwice, type World, worldOf } from '#test/harness/outage.ts';

const ROUNDS = 3;

describe('long outages', () => {
  let world: World;
  before(async () => {
    world = await worldOf(5);
  });
  after(async () => {
    await world?.stop();
  });

  for (let round = 1; round <= ROUNDS; round++) {
    test(`round ${round}: everything of the core is killed while five stacks run`, async (t) => {
      const { backAfterMs } = await coreOutage(world);
      t.diagnostic(`back after ${backAfterMs} ms`);
    });

    test(`round ${round}: twenty changes while the link is cut in silence`, async () => {
      await linkOutage(world, 20, 'silent');
    });

    test(`round ${round}: twenty changes while the link is cut and healed unnoticed`, async () => {
      await linkOutage(world, 20, 'unnoticed');
    });
  }

  test('every fact of all rounds arrived once', async () => {
    await nothingLostNothingTwice(world);
  });
});
