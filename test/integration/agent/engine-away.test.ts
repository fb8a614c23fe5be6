// An engine that hangs or is not there: said as a condition, while the agent goes on living.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { after, before, test } from 'node:test';
import { startAgent } from '#agent/agent.ts';
import { nodeCredential } from '#agent/credential.ts';
import { memoryCache } from '#agent/desired/cache.ts';
import { openEngine } from '#agent/docker.ts';
import { openCompose } from '#agent/stacks/compose.ts';
import { dockerRuntime } from '#agent/stacks/docker-runtime.ts';
import { stackFolders } from '#agent/stacks/folder.ts';
import { memoryStore } from '#agent/state/memory-store.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { newUserKey } from '#infra/nats/credentials.ts';
import { documentHash, sealDocument } from '#infra/signing/document.ts';
import { until } from '#test/harness/until.ts';
import { wanted } from './reconciler.ts';

let folder: string;
let hanging: Server;
before(async () => {
  folder = mkdtempSync('/tmp/ovs-hang-');
  hanging = createServer((socket) => void socket.resume());
  await new Promise<void>((resolve) => hanging.listen(`${folder}/d.sock`, resolve));
});
after(() => {
  hanging.close();
  rmSync(folder, { recursive: true, force: true });
});

for (const [what, socket] of [
  ['hangs', 'd.sock'],
  ['is not there', 'none.sock'],
] as const) {
  test(`an engine that ${what} is reported, and heartbeats go on`, { timeout: 30_000 }, async () => {
    const host = `unix://${folder}/${socket}`;
    const node = newId();
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const cache = memoryCache();
    const config = { name: 'n', labels: {}, heartbeatSeconds: 1, paused: false, drained: false };
    const issuedAt = new Date().toISOString();
    const stacks = [wanted('one', 'services: {a: {image: x}}')];
    const document = {
      kind: 'desired',
      version: 1,
      node,
      epoch: newId(),
      generation: 3,
      issuedAt,
      config,
      stacks,
      removed: [],
    } as const;
    const { payload, hash } = sealDocument({ ...document, stacks, removed: [] }, privateKey);
    await cache.keep(payload);
    const beats: unknown[] = [];
    const over = Promise.withResolvers<void>();
    const bus = {
      isConnected: true,
      tell: (_: string, __: object, beat: unknown) => void beats.push(beat),
      watch() {},
      listen() {},
      serve() {},
      onStatus: (handle: (status: object) => void) => void over.promise.then(() => handle({ type: 'closed' })),
      emit: async () => 1,
      close: async () => over.resolve(),
    };
    const agent = await startAgent({
      node,
      signer: publicKey,
      credential: nodeCredential(newUserKey().seed, { jwt: '', expiresAt: '2099-01-01T00:00:00Z' }, async () => {}),
      connect: async () => bus as unknown as Bus,
      reauthenticate: () => Promise.reject(new Error('not asked for')),
      documents: cache,
      store: memoryStore(newId()),
      runtime: dockerRuntime({
        engine: openEngine(host, 300),
        compose: openCompose(host),
        folders: stackFolders(`${folder}/stacks`),
      }),
      facts: () => ({ hostname: 'h', os: 'o', arch: 'a', kernel: 'k', cpus: 1, memoryBytes: 1 }),
      version: '0',
      log: createLogger('agent', 'silent'),
    });
    try {
      await until(
        () => agent.report().conditions.some(({ type }) => type === 'docker-unresponsive'),
        10_000,
        'the condition',
      );
      const before = beats.length;
      await until(() => beats.length >= before + 2, 10_000, 'heartbeats');
      assert.equal(agent.report().document?.hash, documentHash(payload));
      assert.equal(agent.report().document?.hash, hash);
    } finally {
      await agent.stop();
    }
  });
}
