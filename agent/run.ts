// `overseer-agent run`: a real agent, from what enrollment left in its data folder.

import { newId } from '#infra/ids.ts';
import { createLogger, type Logger } from '#infra/logger.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { userKey } from '#infra/nats/credentials.ts';
import { publicKeyFromRaw } from '#infra/signing/ed25519.ts';
import { type RunningAgent, startAgent } from './agent.ts';
import { witnessFile } from './audit/witness.ts';
import { nodeCredential } from './credential.ts';
import { fileCache } from './desired/cache.ts';
import { openEngine } from './docker.ts';
import { engineTools } from './engine-tools.ts';
import { reauthenticate } from './gateway.ts';
import { hostFacts } from './host.ts';
import { readIdentity } from './identity.ts';
import { lockFolder } from './lock.ts';
import type { LogShipping } from './logs/ship.ts';
import { startLogs } from './logs/start.ts';
import { readNodeFile, writeNodeFile } from './node-file.ts';
import { forgottenAfter } from './secrets/after-logs.ts';
import { door } from './secrets/door.ts';
import { secretsMount, secretsPlace } from './secrets/mount.ts';
import { roomRecords } from './secrets/record.ts';
import { secretRoom } from './secrets/room.ts';
import { type AgentFiles, hostPolicy, logSpoolBytes } from './settings.ts';
import { openCompose } from './stacks/compose.ts';
import { dockerRuntime } from './stacks/docker-runtime.ts';
import { stackFolders } from './stacks/folder.ts';
import { keepScratchIn } from './stacks/scratch.ts';
import { openStore } from './state/disk-store.ts';
import { AGENT_VERSION } from './version.ts';

export class NotEnrolled extends Error {}

interface RunOptions {
  readonly files: AgentFiles;
  readonly dockerHost: string;
  readonly log?: Logger;
}

/** @throws NotEnrolled, FolderInUse */
export async function runAgent(options: RunOptions): Promise<RunningAgent> {
  const { files, dockerHost, log = createLogger('agent') } = options;
  const node = await readNodeFile(files.node);
  const identity = await readIdentity(files.identity);
  if (node === null || identity === null) {
    throw new NotEnrolled('this folder is not enrolled; make a token and run `overseer-agent enroll` first');
  }
  const lock = lockFolder(files);
  await keepScratchIn(files.scratch);
  const { id, url, servers, ca } = node;
  const credential = nodeCredential(identity.nkeySeed, node.credential, (next) =>
    writeNodeFile(files.node, { ...node, credential: next }),
  );
  const records = roomRecords(files.stacks);
  // What stands there is known before any log is read.
  await records.all().catch((error: unknown) => log.warn({ error }, 'the records of secrets can not be read'));
  const room = secretRoom({
    mount: secretsMount(secretsPlace(id, process.env), (warning) => log.warn(warning)),
    opener: { node: id, identity: identity.ageIdentity },
    records,
    log,
    now: Date.now,
  });
  const engine = openEngine(dockerHost);
  const spoolBytes = logSpoolBytes(process.env);
  let shipping: LogShipping | null = null;
  const parts = {
    engine,
    compose: openCompose(dockerHost),
    folders: stackFolders(files.stacks),
    room: forgottenAfter(room, async (stack) => shipping?.caughtUp(stack)),
    forbidden: hostPolicy(process.env),
  };
  const agent = await startAgent({
    node: id,
    signer: publicKeyFromRaw(Buffer.from(node.signer, 'base64url')),
    credential,
    connect: () => connectBus({ principal: 'node', name: id, servers, ca, credential, log }),
    reauthenticate: (proof) => reauthenticate(url, proof),
    documents: fileCache(files.desired),
    witness: witnessFile(files.witness, log),
    store: openStore(files.state, { newEpoch: newId, log, audit: { node: id, key: userKey(identity.nkeySeed) } }),
    runtime: dockerRuntime(parts),
    tools: engineTools({ ...parts, now: Date.now }),
    door: door(room.redactor),
    logs(around) {
      shipping = startLogs({ ...around, engine, redactor: room.redactor, file: files.logs, spoolBytes, newId });
      return shipping;
    },
    facts: hostFacts,
    version: AGENT_VERSION,
    log,
  });
  return {
    ...agent,
    get isConnected() {
      return agent.isConnected;
    },
    async stop() {
      await agent.stop();
      lock.release();
    },
  };
}
