// Writes into a spool as fast as it can and says each number only after it is kept; its test kills it.
import { writeSync } from 'node:fs';
import { newRecord } from '#agent/stacks/model.ts';
import { openStore } from '#agent/state/disk-store.ts';
import { newId } from '#infra/ids.ts';

const store = openStore(process.argv[2] ?? '', { newEpoch: newId, log: { warn() {} } });
for (let i = 1; ; i++) {
  const body = { type: 'agent.started', version: String(i) } as const;
  const event = { kind: 'event', at: new Date().toISOString(), bootId: newId(), body } as const;
  if (i % 2) store.spool.append(event);
  else store.settle({ ...newRecord('web'), removedGeneration: i }, event);
  writeSync(1, `${i}\n`);
}
