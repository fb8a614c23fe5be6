// overseer secret: values that only nodes can read.
import type { Command } from 'commander';
import { bodyOf, everyItem, type Schemas } from '#clients/sdk/client.ts';
import { EXIT, Failure } from '../failure.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age } from '../output/words.ts';
import { identityIn, newIdentity, opened, recoveryOf, rewrap } from '../recovery.ts';
import { secretValue } from '../secret-input.ts';
import { type Session, sessionOf } from '../session.ts';

type Secret = Schemas['Secret'];

const kind: Kind<Secret> = {
  name: ({ name }) => `secrets/${name}`,
  id: ({ name }) => name,
  none: 'No secrets yet. Set one: overseer secret set NAME',
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'VERSION', of: ({ version }) => String(version) },
    { title: 'STACKS', of: ({ stacks }) => stacks.join(',') || '-' },
    { title: 'WAITING', of: ({ waiting }) => (waiting.length === 0 ? '-' : `${waiting.length} nodes`) },
    { title: 'CHANGED', of: ({ updatedAt }) => age(updatedAt, Date.now()) },
    { title: 'BY', of: ({ updatedBy }) => updatedBy, wide: true },
    { title: 'DESCRIPTION', of: ({ description }) => description ?? '-', wide: true },
  ],
};

function everySecret({ api }: Session): Promise<Secret[]> {
  return everyItem((cursor) =>
    bodyOf(api.GET('/api/secrets', { params: { query: { limit: 1000, ...(cursor === null ? {} : { cursor }) } } })),
  );
}

async function set(session: Session, name: string, options: { file?: string; description?: string }): Promise<void> {
  const { api, view, note } = session;
  const value = await secretValue(session, name, options.file);
  const base64 = value.toString('base64');
  value.fill(0);
  const { description } = options;
  const body = { base64, ...(description === undefined ? {} : { description }) };
  const answer = await bodyOf(api.PUT('/api/secrets/{name}', { params: { path: { name } }, body }));
  for (const warning of answer.warnings) note(`Note: ${warning}`);
  for (const { stack, deployment } of answer.deployments) note(`${stack}: deployment ${deployment}`);
  const parts = { name: () => `secrets/${name}`, id: () => name };
  showOne(view, parts, answer, () => `${name} version ${answer.version}\n`);
}

async function rewrapAll(session: Session, name: string | undefined, file: string): Promise<void> {
  const identity = await identityIn(session, file);
  const waiting = (await everySecret(session)).filter((secret) => secret.waiting.length > 0);
  const names = name === undefined ? waiting.map((secret) => secret.name) : [name];
  let failed: unknown = null;
  for (const one of names) {
    try {
      session.note(`${one}: sealed for ${await rewrap(session, one, identity)} stacks on nodes that waited`);
    } catch (error) {
      // One that this identity does not open keeps no other waiting.
      session.note(`${one}: ${error instanceof Error ? error.message : error}`);
      failed ??= error;
    }
  }
  if (failed !== null) throw failed;
  if (names.length === 0) session.note('No node waits for a secret.');
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

function recoveryCommands(secret: Command): void {
  const recovery = secret.command('recovery').description('the identity that opens secrets without the core');

  recovery
    .command('new')
    .description('make an identity; only its recipient is for the core')
    .requiredOption('--out <file>', 'where the identity goes')
    .action(async ({ out }: { out: string }, command: Command) => {
      const session = sessionOf(command);
      const { recipient } = await newIdentity(session, out);
      session.note(
        `${out} opens every secret: keep it away from the core, and keep a copy.\n` +
          `Tell the core its recipient, by OVERSEER_RECOVERY_RECIPIENT=${recipient} or in $OVERSEER_DATA/recovery-recipient.`,
      );
      const parts = { name: () => recipient, id: () => recipient };
      showOne(session.view, parts, { recipient, file: out }, () => `${recipient}\n`);
    });

  recovery
    .command('open <name>')
    .description('the value itself, to a file or a program; no node is needed')
    .requiredOption('--identity <file>', 'the recovery identity; it is used here and goes nowhere')
    .action(async (name: string, { identity }: { identity: string }, command: Command) =>
      openTo(sessionOf(command), name, identity),
    );
}

export function secretCommands(program: Command): void {
  const secret = program.command('secret').alias('secrets').description('values that only nodes can read');

  secret
    .command('set <name>')
    .description('set a secret; the value comes from stdin, from a file, or is typed unseen')
    .option('--file <file>', 'the value, as it stands there')
    .option('--description <text>', 'what it is for')
    // Commander would repeat what it refuses.
    .allowExcessArguments()
    .action(async (name: string, options, command: Command) => {
      if (command.args.length > 1) {
        throw new Failure(
          EXIT.usage,
          'A value is never an argument: every program on this machine can read those, and the history of the shell keeps it.',
          `Take it for known and choose another, then: overseer secret set ${name} < FILE`,
        );
      }
      await set(sessionOf(command), name, options);
    });

  secret
    .command('ls')
    .description('list secrets; values can not be read back')
    .action(async (_, command: Command) => {
      const session = sessionOf(command);
      showList(session.view, kind, await everySecret(session), session.note);
    });

  secret
    .command('rm <name>')
    .description('forget a secret that no stack uses')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const session = sessionOf(command);
      await session.confirm(`Forget secret ${name} for good?`, name, options.yes === true);
      await bodyOf(session.api.DELETE('/api/secrets/{name}', { params: { path: { name } } }));
      session.note(`${name} is gone`);
    });

  secret
    .command('rewrap [name]')
    .description('seal secrets for nodes that wait for them')
    .requiredOption('--identity <file>', 'the recovery identity; it is used here and goes nowhere')
    .action(async (name: string | undefined, { identity }: { identity: string }, command: Command) =>
      rewrapAll(sessionOf(command), name, identity),
    );

  recoveryCommands(secret);
}
