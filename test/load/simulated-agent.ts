// One simulated node: the real enrollment, session, heartbeat, document and report code over a runtime in memory.
import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type RunningAgent, startAgent } from '#agent/agent.ts';
import { nodeCredential } from '#agent/credential.ts';
import { memoryCache } from '#agent/desired/cache.ts';
import { reauthenticate, register } from '#agent/gateway.ts';
import { memoryStore } from '#agent/state/memory-store.ts';
import { newId } from '#infra/ids.ts';
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { newUserKey, userKey } from '#infra/nats/credentials.ts';
import { publicKeyFromRaw, signBytes } from '#infra/signing/ed25519.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Facts, RegistrationAnswer } from '#subjects/schema/node.ts';
import { type Dials, simulatedRuntime } from './simulated-runtime.ts';

export interface SimulatedAgent {
  readonly isConnected: boolean;
  /** Has read its document since it last connected. */
  readonly isHolding: boolean;
  stop(): Promise<void>;
}

export interface Simulation {
  readonly url: string;
  readonly token: string;
  readonly dials: Dials;
  readonly log: Logger;
}

const ENROLL_TRIES = 60;

function facts(index: number): Facts {
  return {
    hostname: `sim-${String(index).padStart(4, '0')}`,
    os: 'Debian GNU/Linux 12',
    arch: index % 4 === 0 ? 'arm64' : 'x64',
    kernel: '6.1.0',
    cpus: 2 ** (1 + (index % 4)),
    memoryBytes: 2 ** (31 + (index % 3)),
  };
}

/** An age recipient that nobody can open: simulated nodes get no secrets. */
function unusedRecipient(): string {
  const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const raw = generateKeyPairSync('x25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-29);
  return `age1${[...raw, ...raw].map((byte) => letters[byte & 31]).join('')}`;
}

async function enrolled({ url, token }: Simulation, seed: string, index: number): Promise<RegistrationAnswer> {
  const key = userKey(seed);
  const proof = signBytes('enrollment', Buffer.from(token), key.privateKey).toString('base64url');
  const { publicKey } = key;
  const registration = {
    token,
    publicKey,
    ageRecipient: unusedRecipient(),
    proof,
    agentVersion: 'simulated',
    facts: facts(index),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await register(url, registration);
    } catch (error) {
      const isBusy = error instanceof OverseerError && ['rate-limited', 'unavailable', 'timeout'].includes(error.code);
      if (!isBusy || attempt === ENROLL_TRIES) throw error;
      await pause(500 + Math.random() * 1500);
    }
  }
}

export async function simulateAgent(simulation: Simulation, index: number): Promise<SimulatedAgent> {
  const { seed } = newUserKey();
  const { node, credential, documentSigner, nats } = await enrolled(simulation, seed, index);
  const { log, url, dials } = simulation;
  let isHolding = false;
  /** Tells of the read that the session does after each connect. */
  const watched = (bus: Bus): Bus => {
    bus.onStatus(({ type }) => {
      if (type === 'disconnected' || type === 'closed') isHolding = false;
    });
    const read: Bus['read'] = async (name, parameters) => {
      const stored = await bus.read(name, parameters);
      isHolding = stored !== null;
      return stored;
    };
    const watch: Bus['watch'] = (name, own, handle) =>
      bus.watch(name, own, (payload) => {
        isHolding = true;
        handle(payload);
      });
    return new Proxy(bus, {
      get: (target, key) => (key === 'read' ? read : key === 'watch' ? watch : Reflect.get(target, key)),
    });
  };
  const runtime = simulatedRuntime(dials);
  const agent: RunningAgent = await startAgent({
    node: node.id,
    signer: publicKeyFromRaw(Buffer.from(documentSigner, 'base64url')),
    credential: nodeCredential(seed, credential, async () => {}),
    connect: async (own) =>
      watched(
        await connectBus({
          principal: 'node',
          name: node.id,
          servers: nats.servers,
          ca: nats.ca,
          credential: own,
          log,
        }),
      ),
    reauthenticate: (proof) => reauthenticate(url, proof),
    documents: memoryCache(),
    store: memoryStore(newId()),
    runtime,
    facts: () => facts(index),
    version: 'simulated',
    log,
  });
  return {
    get isConnected() {
      return agent.isConnected;
    },
    get isHolding() {
      return isHolding && agent.isConnected;
    },
    async stop() {
      runtime.stop();
      await agent.stop();
    },
  };
}
