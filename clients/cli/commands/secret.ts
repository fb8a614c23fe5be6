// overseer secret: values that only nodes can read.
import type { Command } from 'commander';
import { bodyOf } from '#clients/sdk/client.ts';
import { EXIT, Failure } from '../failure.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { age } from '../output/words.ts';
import { secretValue } from '../secret-input.ts';
import { allSecrets, type Secret } from '../secrets.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { recoveryCommands } from './secret-recovery.ts';

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

export function secretCommands(program: Command): void {
  const secret = program.command('secret').alias('secrets').description('values that only nodes can read');

  const setting = secret
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
  withExample(setting, 'secret set db < password.txt', 'secret set forge --file key --description "deploy key"');

  const listing = secret
    .command('ls')
    .description('list secrets; values can not be read back')
    .action(async (_, command: Command) => {
      const session = sessionOf(command);
      showList(session.view, kind, await allSecrets(session.api), session.note);
    });
  withExample(listing, 'secret ls -o wide');

  const removing = secret
    .command('rm <name>')
    .description('forget a secret that no stack uses')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const { api, view, note, confirm } = sessionOf(command);
      await confirm(`Forget secret ${name} for good?`, name, options.yes === true);
      // Whoever asks for the answer as data gets it as it was.
      const found = (await allSecrets(api)).find((one) => one.name === name);
      await bodyOf(api.DELETE('/api/secrets/{name}', { params: { path: { name } } }));
      note(`${name} is gone`);
      if (found) showOne(view, kind, found, () => '');
    });
  withExample(removing, 'secret rm db');

  recoveryCommands(secret);
}
