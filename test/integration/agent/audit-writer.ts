// Does one thing after the other and says each only after it is kept; its test kills it.
import { writeSync } from 'node:fs';
import { newRecord } from '#agent/stacks/model.ts';
import { openStore } from '#agent/state/disk-store.ts';
import { newId } from '#infra/ids.ts';
import { userKey } from '#infra/nats/credentials.ts';

const [file = '', node = '', seed = ''] = process.argv.slice(2);
const store = openStore(file, { newEpoch: newId, log: { warn() {} }, audit: { node, key: userKey(seed) } });
const about = { stack: 'web', revision: 1, deployment: null, step: 'up' };
const event = (body: object) => ({ kind: 'event', at: new Date().toISOString(), bootId: newId(), body }) as never;
for (let i = 1; ; i++) {
  store.spool.append(event({ type: 'stack.step.started', ...about, why: String(i) }));
  const finished = { type: 'stack.step.finished', ...about, outcome: 'ok', reason: null, exitCode: 0, durationMs: i };
  store.settle({ ...newRecord('web'), removedGeneration: i }, event(finished));
  writeSync(1, `${i}\n`);
}
