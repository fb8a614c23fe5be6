// Commands to this node: one-off, signed, for this boot alone. Each is carried out at most once.
import type { KeyObject } from 'node:crypto';
import type { Logger } from '#infra/logger.ts';
import type { Bus, Stoppable } from '#infra/nats/bus.ts';
import { isGenuineCommand } from '#infra/signing/command.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Command, CommandVerb } from '#subjects/schema/command.ts';

export interface CommandParts {
  readonly node: string;
  /** Made for this boot; a command to an earlier one reaches nobody. */
  readonly nonce: string;
  readonly signer: KeyObject;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  now(): number;
  readonly actions: Readonly<Record<'refresh' | 'renew', () => void>>;
}

/** The server makes such reply subjects where accounts meet; a client can't. */
const SERVER_MADE_REPLY = '_R_.';

export class CommandJournal {
  readonly #parts: CommandParts;
  /** Ids that were carried out, until they would be refused as expired anyway. */
  readonly #done = new Map<string, number>();

  constructor(parts: CommandParts) {
    this.#parts = parts;
  }

  serve(bus: Pick<Bus, 'serve'>): Stoppable[] {
    const { node, nonce } = this.#parts;
    return (['refresh', 'renew'] as const).map((verb) =>
      bus.serve(verb, (command, { replyTo }) => Promise.resolve(this.#carryOut(verb, command, replyTo)), {
        node,
        nonce,
      }),
    );
  }

  #carryOut(
    verb: 'refresh' | 'renew',
    command: Command,
    replyTo: string,
  ): { kind: 'command-answer'; accepted: boolean } {
    const fault = this.#faultOf(verb, command, replyTo);
    if (fault !== null) {
      this.#parts.log.warn({ verb, fault }, 'a command was refused');
      throw new OverseerError('forbidden', fault);
    }
    const now = this.#parts.now();
    for (const [id, until] of this.#done) if (until < now) this.#done.delete(id);
    this.#done.set(command.id, Date.parse(command.expiresAt));
    this.#parts.log.info({ verb, command: command.id }, 'command carried out');
    // After the answer: renewing drops the connection it would come over.
    setImmediate(this.#parts.actions[verb]);
    return { kind: 'command-answer', accepted: true };
  }

  #faultOf(verb: CommandVerb, command: Command, replyTo: string): string | null {
    const { node, signer, now } = this.#parts;
    if (!replyTo.startsWith(SERVER_MADE_REPLY)) return 'it did not come from the core';
    if (!isGenuineCommand(command, signer)) return 'it is not signed by the pinned key';
    if (command.node !== node || command.verb !== verb) return 'it is for another node or verb';
    if (Date.parse(command.expiresAt) <= now()) return 'it has expired';
    if (this.#done.has(command.id)) return 'it was carried out already';
    return null;
  }
}
