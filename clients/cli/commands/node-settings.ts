// overseer node set, label, rotate: what an operator changes about a node.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { visible } from '#clients/sdk/terminal-text.ts';
import { EXIT, Failure } from '../failure.ts';
import { type Node, nodeNamed } from '../nodes.ts';
import { oneOf, pair, several, wholeNumber } from '../options.ts';
import { showOne } from '../output/render.ts';
import { labels } from '../output/words.ts';
import { type Session, sessionOf } from '../session.ts';
import { withExample } from './example.ts';
import { kind, settingsOf } from './node-view.ts';

type Config = Schemas['NodeConfig'];

interface SetOptions {
  readonly name?: string;
  readonly label?: Record<string, string>;
  readonly unlabel?: readonly string[];
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly drain?: boolean;
  readonly undrain?: boolean;
  readonly heartbeatSeconds?: number;
  readonly pruneImages?: NonNullable<Config['pruneImages']>;
}

/** The API takes labels as a whole. */
function labelled(node: Node, set: Readonly<Record<string, string>>, gone: readonly string[]): Node['labels'] {
  const kept = Object.entries(node.labels).filter(([key]) => !gone.includes(key));
  return { ...Object.fromEntries(kept), ...set };
}

/** @throws Failure when it is both */
function either(yes: boolean | undefined, no: boolean | undefined, words: string): boolean | undefined {
  if (yes && no) throw new Failure(EXIT.usage, `It is ${words}, not both.`);
  return yes ? true : no ? false : undefined;
}

function configOf(node: Node, options: SetOptions): Config {
  const { name, label, unlabel = [], heartbeatSeconds, pruneImages } = options;
  const paused = either(options.pause, options.resume, '--pause or --resume');
  const drained = either(options.drain, options.undrain, '--drain or --undrain');
  return {
    ...(name === undefined ? {} : { name }),
    ...(label === undefined && unlabel.length === 0 ? {} : { labels: labelled(node, label ?? {}, unlabel) }),
    ...(paused === undefined ? {} : { paused }),
    ...(drained === undefined ? {} : { drained }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    ...(pruneImages === undefined ? {} : { pruneImages }),
  };
}

function configured({ api }: Session, id: string, body: Config): Promise<Node> {
  return bodyOf(api.PUT('/api/nodes/{id}/config', { params: { path: { id } }, body }));
}

async function set(session: Session, text: string, options: SetOptions): Promise<void> {
  const node = await nodeNamed(session.api, text);
  const config = configOf(node, options);
  if (Object.keys(config).length === 0) {
    throw new Failure(EXIT.usage, 'Nothing says what to change.', 'See what can be: overseer node set --help');
  }
  const changed = await configured(session, node.id, config);
  showOne(session.view, kind, changed, () => settingsOf(changed));
}

export function settingCommands(node: Command): void {
  const setting = node
    .command('set <node>')
    .description('change its name, labels and settings; what is not said stays')
    .option('--name <name>', 'another name')
    .option('--label <key=value>', 'set a label; may be repeated', pair)
    .option('--unlabel <key>', 'take a label away; may be repeated', several)
    .option('--pause', 'it goes on reporting and changes nothing')
    .option('--resume', 'it changes things again')
    .option('--drain', 'take its stacks away and give it no new ones')
    .option('--undrain', 'it gets stacks again')
    .option('--heartbeat-seconds <count>', 'between two signs of life', wholeNumber)
    .option(
      '--prune-images <policy>',
      'images that nothing needs are removed every day: off, dangling (those without a name) or unused (all)',
      oneOf(['off', 'dangling', 'unused']),
    )
    .action(async (name, options, command: Command) => set(sessionOf(command), name, options));
  withExample(setting, 'node set nas --name attic --label role=edge --unlabel site', 'node set nas --pause');

  const labelling = node
    .command('label <node> [labels...]')
    .description('set labels (key=value) and take them away (key-)')
    .action(async (name: string, changes: string[], _, command: Command) => {
      const session = sessionOf(command);
      const found = await nodeNamed(session.api, name);
      const gone = changes.filter((change) => change.endsWith('-') && !change.includes('='));
      const given = changes.filter((change) => !gone.includes(change)).reduce((all, change) => pair(change, all), {});
      const keys = gone.map((change) => change.slice(0, -1));
      const changed = await configured(session, found.id, { labels: labelled(found, given, keys) });
      showOne(session.view, kind, changed, () => `${visible(changed.name)}  ${visible(labels(changed.labels))}\n`);
    });
  withExample(labelling, 'node label nas role=edge site-');

  const rotating = node
    .command('rotate <node>')
    .description('have it renew its credential now')
    .action(async (name: string, _, command: Command) => {
      const { api, view, note } = sessionOf(command);
      const found = await nodeNamed(api, name);
      await bodyOf(api.POST('/api/nodes/{id}/credential/rotate', { params: { path: { id: found.id } } }));
      note(`${found.name} renews its credential now`);
      showOne(view, kind, found, () => '');
    });
  withExample(rotating, 'node rotate nas');
}
