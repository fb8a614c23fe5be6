// Commands to this node: one-off, signed, for this boot alone. What changes something is carried out at most once; a
// question may be answered again.
import type { KeyObject } from 'node:crypto';
import type { Logger } from '#infra/logger.ts';
import type { Bus, InputOf, OutputOf, Stoppable } from '#infra/nats/bus.ts';
import { isGenuineCommand } from '#infra/signing/command.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { NodeAction } from '#subjects/schema/action.ts';
import type { Witness } from '#subjects/schema/checkpoint.ts';
import type { Command, CommandVerb } from '#subjects/schema/command.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { Preview } from '#subjects/schema/plan.ts';
import type { ProjectsAnswer } from '#subjects/schema/project.ts';

/** What the node does at each command. */
export interface CommandActions {
  refresh(): void;
  renew(): void;
  /** What is needed to do it, and to tell its outcome, is noted when this returns. @throws OverseerError when it can't be done now */
  act(action: NodeAction): void;
  preview(stack: DesiredStack): Promise<Preview>;
  projects(project: string | null): Promise<ProjectsAnswer>;
  witness(): Witness;
}

export interface CommandParts {
  readonly node: string;
  /** Made for this boot; a command to an earlier one reaches nobody. */
  readonly nonce: string;
  readonly signer: KeyObject;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  now(): number;
  readonly actions: CommandActions;
  /** Before it is carried out; `fault`: why it is not. */
  onCommand?(verb: CommandVerb, command: Command, fault: string | null): void;
}

type Answers = { readonly [V in CommandVerb]: (command: InputOf<V>) => OutputOf<V> | Promise<OutputOf<V>> };

/** The server makes such reply subjects where accounts meet; a client can't. */
const SERVER_MADE_REPLY = '_R_.';
const ACCEPTED = { kind: 'command-answer', accepted: true } as const;

export class CommandJournal {
  readonly #parts: CommandParts;
  readonly #answers: Answers;
  /** Ids that were carried out, until they would be refused as expired anyway. */
  readonly #done = new Map<string, number>();

  constructor(parts: CommandParts) {
    this.#parts = parts;
    const { actions } = parts;
    this.#answers = {
      // After the answer: renewing drops the connection it would come over.
      refresh: (command) => this.#once(command, () => void setImmediate(() => actions.refresh())),
      renew: (command) => this.#once(command, () => void setImmediate(() => actions.renew())),
      act: (command) => this.#once(command, () => actions.act(command.action)),
      preview: ({ stack }) => actions.preview(stack),
      projects: ({ project }) => actions.projects(project),
      witness: () => actions.witness(),
    };
  }

  serve(bus: Pick<Bus, 'serve'>): Stoppable[] {
    const { node, nonce } = this.#parts;
    const serveVerb = <V extends CommandVerb>(verb: V) => {
      const answer = this.#answers[verb];
      return bus.serve(
        verb,
        async (command, { replyTo }) => {
          this.#check(verb, command as Command, replyTo);
          return answer(command);
        },
        { node, nonce } as never,
      );
    };
    return (Object.keys(this.#answers) as CommandVerb[]).map((verb) => serveVerb(verb));
  }

  #check(verb: CommandVerb, command: Command, replyTo: string): void {
    const fault = this.#faultOf(verb, command, replyTo);
    if (fault === null) return;
    this.#parts.onCommand?.(verb, command, fault);
    this.#refuse(verb, fault);
  }

  #once(command: Command, carryOut: () => void): typeof ACCEPTED {
    if (this.#done.has(command.id)) this.#refuse(command.verb, 'it was carried out already');
    const now = this.#parts.now();
    for (const [id, until] of this.#done) if (until < now) this.#done.delete(id);
    this.#done.set(command.id, Date.parse(command.expiresAt));
    this.#parts.onCommand?.(command.verb, command, null);
    carryOut();
    this.#parts.log.info({ verb: command.verb, command: command.id }, 'command carried out');
    return ACCEPTED;
  }

  #refuse(verb: CommandVerb, fault: string): never {
    this.#parts.log.warn({ verb, fault }, 'a command was refused');
    throw new OverseerError('forbidden', fault);
  }

  #faultOf(verb: CommandVerb, command: Command, replyTo: string): string | null {
    const { node, signer, now } = this.#parts;
    if (!replyTo.startsWith(SERVER_MADE_REPLY)) return 'it did not come from the core';
    if (!isGenuineCommand(command, signer)) return 'it is not signed by the pinned key';
    if (command.node !== node || command.verb !== verb) return 'it is for another node or verb';
    if (Date.parse(command.expiresAt) <= now()) return 'it has expired';
    return null;
  }
}
