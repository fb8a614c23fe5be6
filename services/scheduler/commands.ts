// Commands to agents. Only the scheduler holds the key, so others ask it to sign and send.
import type { KeyObject } from 'node:crypto';
import type { Bus, InputOf, OutputOf } from '#infra/nats/bus.ts';
import { signCommand } from '#infra/signing/command.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Command, CommandVerb } from '#subjects/schema/command.ts';
import type { Issuer } from './issuer.ts';

export const COMMAND_LIFE_MS = 30_000;
/** An agent answers at once, before it does anything. */
const ANSWER_MS = 10_000;

type More<V extends CommandVerb> = Omit<InputOf<V>, keyof Command>;

export function commandFor<V extends CommandVerb>(
  wanted: { readonly node: string; readonly verb: V } & More<V>,
  id: string,
  now: Date,
  key: KeyObject,
): InputOf<V> {
  const expiresAt = new Date(now.getTime() + COMMAND_LIFE_MS).toISOString();
  return signCommand({ ...wanted, kind: 'command', id, expiresAt } as never, key) as InputOf<V>;
}

/** @throws OverseerError `node-offline` when nobody listens under that nonce */
export async function sendCommand<V extends CommandVerb>(
  bus: Bus,
  command: InputOf<V>,
  nonce: string,
  timeoutMs = ANSWER_MS,
): Promise<OutputOf<V>> {
  const { node, verb } = command as Command;
  try {
    const answer = await bus.request(verb as V, { node, nonce } as never, command, { timeoutMs });
    if (!('accepted' in (answer as object)) || (answer as { accepted: boolean }).accepted) return answer;
  } catch (error) {
    if (!(error instanceof OverseerError) || error.code !== 'unavailable') throw error;
    throw new OverseerError('node-offline', `node ${node} is not connected`, { fields: { node }, cause: error });
  }
  throw new OverseerError('conflict', `node ${node} did not accept "${verb}"`, { fields: { node } });
}

/**
 * Signs and sends to the node as it is connected now.
 * @throws OverseerError `node-offline`, `node-not-found`, `timeout`, or what the agent answers
 */
export async function command<V extends CommandVerb>(
  { bus, issuer }: { readonly bus: Bus; readonly issuer: Issuer },
  wanted: { readonly node: string; readonly verb: V } & More<V>,
  timeoutMs?: number,
): Promise<OutputOf<V>> {
  const { nonce } = await bus.request('commandNonce', {}, { id: wanted.node });
  if (nonce === null) throw new OverseerError('node-offline', `node ${wanted.node} has never been connected`);
  return sendCommand(bus, commandFor(wanted, issuer.newId(), issuer.now(), issuer.key), nonce, timeoutMs);
}
