// Commands to agents. Only the scheduler holds the key, so others ask it to sign and send.
import type { KeyObject } from 'node:crypto';
import type { Bus } from '#infra/nats/bus.ts';
import { signCommand } from '#infra/signing/command.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Command } from '#subjects/schema/command.ts';

export const COMMAND_LIFE_MS = 30_000;
/** An agent answers at once, before it does anything. */
const ANSWER_MS = 10_000;

export function commandFor(wanted: Pick<Command, 'node' | 'verb'>, id: string, now: Date, key: KeyObject): Command {
  const expiresAt = new Date(now.getTime() + COMMAND_LIFE_MS).toISOString();
  return signCommand({ kind: 'command', id, node: wanted.node, verb: wanted.verb, expiresAt }, key);
}

/** @throws OverseerError `node-offline` when nobody listens under that nonce, `conflict` when the agent declines */
export async function sendCommand(bus: Bus, command: Command, nonce: string): Promise<void> {
  const { node, verb } = command;
  try {
    const answer = await bus.request(verb, { node, nonce }, command, { timeoutMs: ANSWER_MS });
    if (answer.accepted) return;
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'unavailable') throw error;
    throw new OverseerError('node-offline', `node ${node} is not connected`, { fields: { node }, cause: error });
  }
  throw new OverseerError('conflict', `node ${node} did not accept "${verb}"`, { fields: { node } });
}
