// The part of an agent that follows logs, in a process of its own that its test kills. Told what it needs on standard input.
import { text } from 'node:stream/consumers';
import { openEngine } from '#agent/docker.ts';
import { startLogs } from '#agent/logs/start.ts';
import { openly } from '#agent/secrets/redactor.ts';
import { newId } from '#infra/ids.ts';
import { createLogger } from '#infra/logger.ts';
import { connectBus } from '#infra/nats/connect.ts';
import { credentialOf } from '#infra/nats/credentials.ts';
import type { DesiredDocument } from '#subjects/schema/desired.ts';

export interface LogAgentInput {
  readonly node: string;
  readonly servers: string[];
  readonly ca: string;
  readonly jwt: string;
  readonly seed: string;
  readonly dockerHost: string;
  readonly file: string;
  readonly spoolBytes: number;
  readonly document: DesiredDocument;
}

const input = JSON.parse(await text(process.stdin)) as LogAgentInput;
const { node, servers, ca, jwt, seed, dockerHost, file, spoolBytes, document } = input;
const log = createLogger('agent', process.env['TEST_LOG'] ?? 'silent');
const credential = credentialOf(jwt, seed);
const bus = await connectBus({ principal: 'node', name: node, servers, ca, credential, log, waitForServer: true });
startLogs({
  ...{ node, log, now: Date.now, random: Math.random, newId, file, spoolBytes },
  bus: () => bus,
  document: () => document,
  onCondition() {},
  engine: openEngine(dockerHost),
  redactor: () => openly,
});
