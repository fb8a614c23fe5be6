// The seam between what is stored and what comes, with everything happening at the worst moment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bus, LiveMessage } from '#infra/nats/bus.ts';
import { Reader } from '#services/gateway/live/reader.ts';

const message = (streamSequence: number): LiveMessage => ({
  name: 'nodeFact',
  parameters: {},
  body: null,
  streamSequence,
});
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

class Store {
  last: number;
  readonly unreadable = new Set<number>();
  asked = 0;
  /** Between the page and the end that is told with it. */
  between: (asked: number) => void = () => {};
  /** A replica that is behind answers as if this were the end. */
  behind: (asked: number) => number | null = () => null;

  constructor(last: number) {
    this.last = last;
  }

  async history(_: string, from: number, limit: number) {
    this.asked += 1;
    assert.ok(this.asked < 100, 'asks without end');
    const end = () => this.behind(this.asked) ?? this.last;
    const messages = upTo(end(), from)
      .filter((sequence) => !this.unreadable.has(sequence))
      .slice(0, limit)
      .map(message);
    this.between(this.asked);
    return { messages, lastSequence: end() };
  }
}

async function read(store: Store, reader: Reader, from: number, count: number): Promise<number[]> {
  const seen: number[] = [];
  for await (const { streamSequence } of reader.read(from, new AbortController().signal)) {
    seen.push(streamSequence);
    if (seen.length === count) break;
  }
  assert.ok(store.asked > 0);
  return seen;
}

function over(last: number): { store: Store; reader: Reader; tell: (...sequences: number[]) => void } {
  const store = new Store(last);
  const reader = new Reader(store as unknown as Bus, 'EVENTS');
  return {
    store,
    reader,
    tell(...sequences) {
      for (const sequence of sequences) reader.take(message(sequence));
    },
  };
}

test('what is stored between a page and the end told with it is not taken for unreadable', async () => {
  for (const isTold of [true, false]) {
    const { store, reader, tell } = over(7);
    store.between = (asked) => {
      if (asked !== 1) return;
      store.last = 8;
      if (isTold) tell(8);
    };
    assert.deepEqual(await read(store, reader, 7, 1), [8]);
  }
});

test('messages that nobody can read are passed over', async () => {
  const { store, reader, tell } = over(5);
  store.unreadable.add(4).add(5);
  store.between = (asked) => {
    if (asked !== 3) return;
    store.last = 6;
    tell(6);
  };
  assert.deepEqual(await read(store, reader, 3, 1), [6]);
});

test('a hole in what comes is filled from the store, an overlap falls away', async () => {
  const { store, reader, tell } = over(1);
  store.between = (asked) => {
    if (asked !== 1) return;
    store.last = 6;
    tell(1, 2, 2, 5);
  };
  assert.deepEqual(await read(store, reader, 0, 6), upTo(6));
});

test('a flood is bounded, and read from the store', async () => {
  const { store, reader, tell } = over(0);
  store.between = (asked) => {
    if (asked !== 1) return;
    store.last = 2000;
    tell(...upTo(2000));
  };
  assert.deepEqual(await read(store, reader, 0, 2000), upTo(2000));
});

test('a replica that answers from behind is asked again', async () => {
  const { store, reader, tell } = over(6);
  store.behind = (asked) => (asked < 4 ? 4 : null);
  store.between = (asked) => {
    if (asked === 1) tell(6);
  };
  assert.deepEqual(await read(store, reader, 4, 2), [5, 6]);
});

test('a stream that was made anew begins with its first', async () => {
  const { store, reader } = over(3);
  assert.deepEqual(await read(store, reader, 900, 3), [1, 2, 3]);
});
