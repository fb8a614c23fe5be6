// overseer reader: third parties that read events or audit records over NATS.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { Problem } from '#clients/sdk/problem.ts';
import { credsText } from '#infra/nats/creds-file.ts';
import { allNodes, chosen } from '../nodes.ts';
import { oneOf, several, wholeNumber } from '../options.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { fillPlaces, keptKey, leavePlaces, readerFiles, takePlaces } from '../reader-files.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';

type Reader = Schemas['Reader'];
type Spec = Schemas['ReaderSpec'];

const kind: Kind<Reader> = {
  name: ({ name }) => `readers/${name}`,
  id: ({ name }) => name,
  none: 'No readers. Make one: overseer reader create NAME --role events',
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'ROLE', of: ({ role }) => role },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt },
    { title: 'USER', of: ({ user }) => user },
    { title: 'SUBJECTS', of: ({ subjects }) => subjects.join(' '), wide: true },
    { title: 'BY', of: ({ createdBy }) => createdBy, wide: true },
  ],
};

interface CreateOptions {
  readonly role: Spec['role'];
  readonly node?: readonly string[];
  readonly kind?: readonly string[];
  readonly days?: number;
  readonly out?: string;
}

async function filtersOf({ api }: Session, { node, kind: kinds }: CreateOptions): Promise<Partial<Spec>> {
  if (node === undefined && kinds === undefined) return {};
  const nodes = node === undefined ? null : await allNodes(api);
  const filters = {
    ...(nodes === null ? {} : { nodes: node?.map((text) => chosen(nodes, text).id) }),
    // What is no kind is refused by the core, which knows them all.
    ...(kinds === undefined ? {} : { kinds }),
  };
  return { filters: filters as NonNullable<Spec['filters']> };
}

async function create(session: Session, name: string, options: CreateOptions): Promise<void> {
  const { api, view, note, folder } = session;
  const files = readerFiles(resolve(folder, options.out ?? `${name}.creds`));
  const filters = await filtersOf(session, options);
  takePlaces(files);
  // The seed is made here and goes into files alone.
  const { seed, publicKey } = keptKey(files);
  const { role, days } = options;
  const body = { name, role, publicKey, ...filters, ...(days === undefined ? {} : { days }) };
  let issued: Schemas['IssuedReader'];
  try {
    issued = await bodyOf(api.POST('/api/readers', { body }));
  } catch (error) {
    const isRefused = error instanceof Problem && error.status >= 400 && error.status < 500;
    leavePlaces([files.creds, files.ca, ...(isRefused ? [files.seed] : [])]);
    if (!isRefused)
      note(`Whether ${name} was made is not known. Its key is in ${files.seed}: run the same command again.`);
    throw error;
  }
  const { jwt, ca, servers, stream, user, expiresAt } = issued;
  fillPlaces(files, { creds: credsText(jwt, seed), ca });
  leavePlaces([files.seed]);
  note(`Its credential is in ${files.creds}, the certificate to trust in ${files.ca}.`);
  note(`Valid until ${expiresAt}. How to read with it: docs/readers.md`);
  const parts = { name: () => `readers/${name}`, id: () => name };
  const text = [`servers  ${servers.join(' ')}`, `stream   ${stream}`, `consumer ${user}`, `inbox    _INBOX.${user}`];
  showOne(view, parts, issued, () => `${text.join('\n')}\n`);
}

export function readerCommands(program: Command): void {
  const reader = program.command('reader').alias('readers').description('third parties that read over NATS');

  const making = reader
    .command('create <name>')
    .description('let a third party read events or audit records; its key is made here')
    .requiredOption('--role <role>', 'events or audit', oneOf(['events', 'audit']))
    .option('--node <node>', 'facts of this node alone; may be repeated', several)
    .option('--kind <kind>', 'as node.offline or deployment; may be repeated', several)
    .option('--days <count>', 'life of the credential (365)', wholeNumber)
    .option('--out <file>', 'where its credential goes (NAME.creds)')
    .action((name: string, options: CreateOptions, command: Command) => create(sessionOf(command), name, options));
  withExample(
    making,
    'reader create billing --role events --kind deployment.finished',
    'reader create auditor --role audit',
  );

  const listing = reader
    .command('ls')
    .alias('list')
    .description('list readers, expired ones too')
    .action(async (_, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const { items } = await bodyOf(api.GET('/api/readers'));
      showList(view, kind, items, note);
    });
  withExample(listing, 'reader ls -o wide');

  const removing = reader
    .command('rm <name>')
    .alias('remove')
    .description('void the credential of a reader and cut its connection')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { yes?: boolean }, command: Command) => {
      const { api, view, note, confirm } = sessionOf(command);
      await confirm(`Remove reader ${name}? It loses its place.`, name, options.yes === true);
      const { items } = await bodyOf(api.GET('/api/readers'));
      await bodyOf(api.DELETE('/api/readers/{name}', { params: { path: { name } } }));
      note(`${name} is removed`);
      const found = items.find((one) => one.name === name);
      if (found) showOne(view, kind, found, () => '');
    });
  withExample(removing, 'reader rm billing');
}
