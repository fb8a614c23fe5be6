// overseer secret rewrap, recovery: what the holder of the recovery identity can do.
import type { Command } from 'commander';
import { EXIT, Failure } from '../failure.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { identityIn, newIdentity, opened, recoveryOf, rewrap } from '../recovery.ts';
import { allSecrets } from '../secrets.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';

/** What became of one secret for the nodes that waited for it. */
interface Rewrapped {
  readonly name: string;
  /** Stacks on nodes for which it is sealed now. */
  readonly sealed: number;
  readonly failure: string | null;
}

const kind: Kind<Rewrapped> = {
  name: ({ name }) => `secrets/${name}`,
  id: ({ name }) => name,
  none: 'No node waits for a secret.',
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'SEALED', of: ({ sealed }) => String(sealed) },
    { title: 'FAILURE', of: ({ failure }) => failure ?? '-' },
  ],
};

async function rewrapAll(session: Session, name: string | undefined, file: string): Promise<void> {
  const identity = await identityIn(session, file);
  const waiting = async () => (await allSecrets(session.api)).filter((secret) => secret.waiting.length > 0);
  const names = name === undefined ? (await waiting()).map((secret) => secret.name) : [name];
  const done: Rewrapped[] = [];
  let failed: unknown = null;
  for (const one of names) {
    try {
      done.push({ name: one, sealed: await rewrap(session, one, identity), failure: null });
    } catch (error) {
      // One that this identity does not open keeps no other waiting.
      done.push({ name: one, sealed: 0, failure: error instanceof Error ? error.message : String(error) });
      failed ??= error;
    }
  }
  showList(session.view, kind, done, session.note);
  if (failed !== null) throw failed;
}

async function openTo(session: Session, name: string, file: string): Promise<void> {
  if (process.stdout.isTTY) {
    throw new Failure(EXIT.usage, 'The value would stand on the screen.', 'Send it to a file or a program: ... > FILE');
  }
  const identity = await identityIn(session, file);
  const value = await opened(await recoveryOf(session, name), identity);
  await new Promise<void>((resolve) => void process.stdout.write(value, () => resolve()));
  value.fill(0);
}

async function makeIdentity(session: Session, file: string): Promise<void> {
  const { recipient } = await newIdentity(session, file);
  session.note(
    `${file} opens every secret: keep it away from the core, and keep a copy.\n` +
      `Tell the core its recipient, by OVERSEER_RECOVERY_RECIPIENT=${recipient} or in $OVERSEER_DATA/recovery-recipient.`,
  );
  const parts = { name: () => recipient, id: () => recipient };
  showOne(session.view, parts, { recipient, file }, () => `${recipient}\n`);
}

export function recoveryCommands(secret: Command): void {
  const sealing = secret
    .command('rewrap [name]')
    .description('seal secrets for nodes that wait for them')
    .requiredOption('--identity <file>', 'the recovery identity; it is used here and goes nowhere')
    .action(async (name: string | undefined, { identity }: { identity: string }, command: Command) =>
      rewrapAll(sessionOf(command), name, identity),
    );
  withExample(sealing, 'secret rewrap --identity recovery-identity', 'secret rewrap db --identity recovery-identity');

  const recovery = secret.command('recovery').description('the identity that opens secrets without the core');

  const making = recovery
    .command('new')
    .description('make an identity; only its recipient is for the core')
    .requiredOption('--out <file>', 'where the identity goes')
    .action(async ({ out }: { out: string }, command: Command) => makeIdentity(sessionOf(command), out));
  withExample(making, 'secret recovery new --out recovery-identity');

  const opening = recovery
    .command('open <name>')
    .description('the value itself, to a file or a program; no node is needed')
    .requiredOption('--identity <file>', 'the recovery identity; it is used here and goes nowhere')
    .action(async (name: string, { identity }: { identity: string }, command: Command) =>
      openTo(sessionOf(command), name, identity),
    );
  withExample(opening, 'secret recovery open db --identity recovery-identity > db.txt');
}
