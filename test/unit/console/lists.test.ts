// Filter, order, columns and export of the console's lists.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { layoutOf } from '#clients/console/lists/column.ts';
import { csv } from '#clients/console/lists/export.ts';
import { matches, parseFilter, toggleToken } from '#clients/console/lists/filter.ts';
import { heldOrder, nextSort, parseSort, sorted } from '#clients/console/lists/order.ts';

const row = { fields: { state: ['online'], label: ['env=prod', 'gpu'] }, text: 'nas-1 nginx:1.27' };
const holds = (text: string) => matches(row, parseFilter(text));

describe('the filter', () => {
  for (const [text, expected] of [
    ['', true],
    ['NAS', true],
    ['nas state:online', true],
    ['state:off', false],
    ['state:on', true],
    ['label:env=prod label:gpu', true],
    ['-label:env=prod', false],
    ['-state:offline nas', true],
    ['nginx:1.27', true],
    ['nginx:1.28', false],
    ['-', true],
    [':x', false],
  ] as const) {
    test(`"${text}" ${expected ? 'finds' : 'does not find'} it`, () => assert.equal(holds(text), expected));
  }

  test('any text is a filter', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof holds(text) === 'boolean'));
  });

  test('a token replaces the one of its key, and goes away the second time', () => {
    assert.equal(toggleToken('nas state:online', 'state', 'offline'), 'nas state:offline');
    assert.equal(toggleToken('nas state:offline', 'state', 'offline'), 'nas');
  });
});

describe('the order', () => {
  const order = (values: readonly (string | number | null)[], descending: boolean) =>
    sorted(
      values.map((value, at) => ({ value, key: String(at) })),
      ({ value }) => value,
      descending,
      ({ key }) => key,
    ).map(({ value }) => value);

  test('numbers in names count as numbers', () => {
    assert.deepEqual(order(['nas-10', 'nas-2', 'nas-1'], false), ['nas-1', 'nas-2', 'nas-10']);
  });

  test('what is unknown comes last either way', () => {
    assert.deepEqual(order([null, 1, 2], false), [1, 2, null]);
    assert.deepEqual(order([null, 1, 2], true), [2, 1, null]);
  });

  test('a second click turns the column round', () => {
    assert.equal(nextSort('name', 'name'), '-name');
    assert.equal(nextSort('-name', 'name'), 'name');
    assert.deepEqual(parseSort('-name'), { key: 'name', descending: true });
  });

  test('a held order has fresh rows, no gone ones, and counts what waits', () => {
    const fresh = [{ key: 'c' }, { key: 'a' }, { key: 'new' }];
    const { rows, waiting } = heldOrder(fresh, ['a', 'b', 'c'], ({ key }) => key);
    assert.deepEqual(rows, [{ key: 'a' }, { key: 'c' }]);
    assert.equal(waiting, 3);
  });

  test('an order that is held and still right has nothing waiting', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), (keys) => {
        const { rows, waiting } = heldOrder(keys, keys, (key) => key);
        assert.deepEqual(rows, keys);
        assert.equal(waiting, 0);
      }),
    );
  });
});

test('a table scrolls sideways only below the width of its columns', () => {
  assert.deepEqual(layoutOf([{ width: 100, grow: 2 }, { width: 50 }]), {
    gridTemplateColumns: 'minmax(100px, 2fr) 50px',
    minWidth: 100 + 16 + 50 + 40,
  });
});

test('an exported cell is no formula', () => {
  assert.equal(csv(['Name', 'Text'], [['=1+1', 'a "b", c']]), 'Name,Text\r\n\'=1+1,"a ""b"", c"');
});
