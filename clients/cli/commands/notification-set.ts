// overseer notification set: one target of messages. Its address is read like a secret, because it often holds one.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { EXIT, Failure } from '../failure.ts';
import { allNodes, chosen } from '../nodes.ts';
import { oneOf, seconds, several } from '../options.ts';
import { showOne } from '../output/render.ts';
import { secretValue } from '../secret-input.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';

type Spec = Schemas['NotificationSpec'];

const KINDS = ['webhook', 'ntfy', 'slack', 'discord', 'gotify'] as const;
const SEVERITIES = ['info', 'warning', 'error'] as const;

interface SetOptions {
  readonly kind: Spec['kind'];
  readonly url?: string;
  readonly keepUrl?: boolean;
  readonly urlFile?: string;
  readonly secretFile?: string;
  readonly condition?: readonly string[];
  readonly node?: readonly string[];
  readonly stack?: readonly string[];
  readonly severity?: (typeof SEVERITIES)[number];
  readonly offlineAfter?: number;
  readonly quietTime?: number;
  readonly steady?: number;
}

/** What is not given does not travel. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

async function lineOf(session: Session, what: string, file: string | undefined): Promise<string> {
  const value = (await secretValue({ ...session, note: () => {} }, what, file)).toString('utf8').trim();
  if (/\s/.test(value)) throw new Failure(EXIT.usage, `The ${what} must be one line.`);
  return value;
}

async function specOf(session: Session, name: string, options: SetOptions): Promise<Spec> {
  const { kind, condition, stack, severity, offlineAfter, quietTime, steady, secretFile } = options;
  const isUrlKept = options.keepUrl === true;
  const url = isUrlKept ? undefined : (options.url ?? (await lineOf(session, 'address', options.urlFile)));
  const secret = secretFile === undefined ? undefined : await lineOf(session, 'secret', secretFile);
  const known = options.node === undefined ? [] : await allNodes(session.api);
  const nodes = options.node?.map((text) => chosen(known, text).id);
  const held = isUrlKept
    ? await bodyOf(session.api.GET('/api/notifications/{name}', { params: { path: { name } } }))
    : null;
  const choice = given({ conditions: condition, nodes, stacks: stack, minimumSeverity: severity });
  const thresholds = given({ offlineSeconds: offlineAfter, quietSeconds: quietTime, steadySeconds: steady });
  // What is no condition is refused by the core, which knows them all.
  const kept = { choice: { ...held?.choice, ...choice }, thresholds: { ...held?.thresholds, ...thresholds } };
  return { kind, ...given({ url, secret }), ...kept } as Spec;
}

async function set(session: Session, name: string, options: SetOptions): Promise<void> {
  const { api, view, note } = session;
  const body = await specOf(session, name, options);
  const { secret, ...target } = await bodyOf(
    api.PUT('/api/notifications/{name}', { params: { path: { name } }, body }),
  );
  if (secret !== null) note('It signs with this secret, which is not shown again:');
  const parts = { name: () => `notifications/${name}`, id: () => name };
  showOne(view, parts, { ...target, secret }, () => (secret === null ? `${name} is set\n` : `${secret}\n`));
}

export function settingCommand(notification: Command): void {
  const setting = notification
    .command('set <name>')
    .description('set a target of messages; its address comes from stdin, from a file, or is typed unseen')
    .requiredOption('--kind <kind>', KINDS.join(', '), oneOf(KINDS))
    .option('--url <url>', 'the address, when it holds no secret: every program on this machine can read it')
    .option('--url-file <file>', 'the address, as it stands there')
    .option('--keep-url', 'leave the address, and all that is not named, as it is')
    .option(
      '--secret-file <file>',
      'what a webhook signs with (made unless given), or the access token of ntfy or gotify',
    )
    .option('--condition <condition>', 'this condition alone, as node-offline; may be repeated', several)
    .option('--node <node>', 'of this node alone; may be repeated', several)
    .option('--stack <stack>', 'of this stack alone; may be repeated', several)
    .option('--severity <severity>', 'from this one on (warning)', oneOf(SEVERITIES))
    .option('--offline-after <duration>', 'how long a node must be offline (90s)', seconds)
    .option('--quiet-time <duration>', 'the same alert comes no sooner again (10m)', seconds)
    .option('--steady <duration>', 'how long what flapped must rest (10m)', seconds)
    .action((name: string, options: SetOptions, command: Command) => set(sessionOf(command), name, options));
  withExample(
    setting,
    'notification set chat --kind slack < address.txt',
    'notification set ops --kind webhook --url https://ops.example/overseer --condition node-offline',
  );
}
