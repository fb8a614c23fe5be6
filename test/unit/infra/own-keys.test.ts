import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownKeys } from '#infra/compose/own-keys.ts';

const CASES: readonly (readonly [string, string, object | string])[] = [
  ['nothing', 'services: {a: {image: x}}', { strategy: {}, services: {} }],
  [
    'for the stack',
    'x-overseer: {batch: 25%, stabilitySeconds: 30, rollback: false}\nservices: {a: {image: x}}',
    { strategy: { batch: '25%', stabilitySeconds: 30, rollback: false }, services: {} },
  ],
  [
    'for a service, by an anchor',
    'x-a: &a {x-overseer: {job: true}}\nservices: {a: {<<: *a, image: x}, b: {image: x}}',
    { strategy: {}, services: { a: { job: true } } },
  ],
  ['no YAML', 'x-overseer: [', { strategy: {}, services: {} }],
  ['in a value alone', 'services: {a: {image: x, labels: {x: x-overseer}}}', { strategy: {}, services: {} }],
  ['a word that is none', 'x-overseer: {bach: 1}', 'x-overseer'],
  ['a value that is none', 'x-overseer: {batch: 0}', 'x-overseer.batch'],
  ['no map', 'x-overseer: yes please', 'x-overseer'],
  ['of a service', 'services: {a: {x-overseer: {stabilitySeconds: -1}}}', 'services.a.x-overseer.stabilitySeconds'],
  ['no job that is none', 'services: {a: {x-overseer: {job: false}}}', 'services.a.x-overseer.job'],
];

for (const [what, text, expected] of CASES) {
  test(`x-overseer: ${what}`, () => {
    const { fault, ...found } = ownKeys(text);
    if (typeof expected === 'string') assert.equal(fault?.path, expected);
    else assert.deepEqual([found, fault], [expected, null]);
  });
}
