// What follows from the contract, whole, so that a change of rights is a change somebody reads.
import { test } from 'node:test';
import { layout } from '#subjects/accounts.ts';
import { template } from '#subjects/permissions.ts';
import { PRINCIPALS } from '#subjects/principals.ts';
import { streamPlans } from '#subjects/streams.ts';
import { expectGoldenJson } from '#test/golden/expect.ts';

for (const principal of PRINCIPALS) {
  test(`rights of ${principal}`, () => expectGoldenJson(`permissions/${principal}.json`, template(principal)));
}

test('exports and imports', () => expectGoldenJson('layout.json', layout()));

test('streams and durables', () => expectGoldenJson('streams.json', streamPlans()));
