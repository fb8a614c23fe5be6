// Which containers are found, whatever the engine says of some.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine, InspectedContainer, ListedContainer } from '#agent/docker.ts';
import { startRoster } from '#agent/logs/roster.ts';
import { until } from '#test/harness/until.ts';

const LABELS = { 'com.docker.compose.project': 'web', 'com.docker.compose.service': 'main' };

test('a container of which the engine says nothing hides none after it, and is told of once', async () => {
  const found: string[] = [];
  const warned: object[] = [];
  let looks = 0;
  const engine = {
    async composeContainers() {
      looks += 1;
      return ['bad', 'good'].map((Id) => ({ Id, Labels: LABELS }) as unknown as ListedContainer);
    },
    async inspect(id: string) {
      if (id === 'bad') throw new Error('500: layer does not exist');
      const HostConfig = { LogConfig: { Type: 'none', Config: {} } };
      const facts = { Name: `/${id}`, State: { StartedAt: '2026-01-01T00:00:00Z' }, HostConfig, LogPath: '' };
      return facts as unknown as InspectedContainer;
    },
    events: () => ({ stop: async () => {} }),
  } as unknown as Engine;
  const roster = startRoster({
    ...{ engine, isWanted: () => true, has: (id: string) => found.includes(id) },
    onFound: ({ container }) => void found.push(container),
    ...{ onStarted() {}, onGone() {}, onListed() {} },
    log: { debug() {}, warn: (fields: object) => void warned.push(fields) } as never,
  });
  await until(() => looks >= 1 && found.length > 0, 30_000, 'the good one to be found');
  roster.lookSoon();
  await until(() => looks >= 2, 30_000, 'a second look');
  await roster.stop();
  assert.deepEqual(found, ['good']);
  assert.equal(warned.length, 1);
});
