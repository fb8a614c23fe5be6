// The options that say what a stack is; the same for a plan and a deployment.
import { type Command, Option } from 'commander';
import type { Schemas } from '#clients/sdk/client.ts';
import { oneOf, pair, seconds, several, wholeNumber } from '../options.ts';
import {
  assigned,
  batch,
  type Changes,
  keyed,
  listed,
  type OrNone,
  orNone,
  replicas,
  secretUse,
  word,
} from './values.ts';

type Specification = Schemas['StackSpec'];
type SecretUse = NonNullable<Specification['secrets']>[string];

export interface SpecificationOptions {
  readonly spec?: string;
  readonly fresh?: boolean;
  readonly compose?: string;
  readonly git?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly gitCredential?: OrNone<string>;
  readonly gitEvery?: number;
  /** Path in the stack -> file here. */
  readonly file?: Changes<string>;
  readonly envFile?: OrNone<string>;
  readonly secret?: Changes<SecretUse>;
  readonly profile?: readonly string[];
  readonly scale?: Changes<number>;
  readonly images?: 'off' | 'notify' | 'deploy';
  readonly imagesEvery?: number;
  /** Host of a registry -> secret. */
  readonly registryCredential?: Changes<string>;
  readonly drift?: 'report' | 'correct';
  readonly state?: 'running' | 'stopped';
  readonly logs?: 'all' | 'errors' | 'off';
  /** Lines a second on one node. */
  readonly logsRate?: OrNone<number>;
  /** Days. */
  readonly logsKeep?: OrNone<number>;
  readonly node?: readonly string[];
  readonly selector?: Record<string, string>;
  readonly dependsOn?: readonly string[];
  readonly batch?: number | OrNone<string>;
  readonly maxUnavailable?: OrNone<number>;
  /** Seconds. */
  readonly pause?: number;
  readonly gate?: 'healthy' | 'manual';
  readonly rollback?: boolean;
  readonly stabilitySeconds?: number;
  readonly healthTimeoutSeconds?: number;
}

function option<T>(flags: string, description: string, value?: (text: string, before: T) => T): Option {
  const made = new Option(flags, description);
  return value === undefined ? made : made.argParser(value as (text: string, before: unknown) => unknown);
}

const MANY = 'may be repeated; none: no';

const GROUPS: Readonly<Record<string, readonly Option[]>> = {
  'What runs:': [
    option('-f, --compose <file>', 'compose file; - reads stdin'),
    option(
      '--file <path=local>',
      `further file: path in the stack = file here; ${MANY} file`,
      keyed(assigned('conf/app.toml=app.toml')),
    ),
    option('--env-file <file>', 'values for the variables in the compose file; none: no values', orNone(word)),
    option(
      '--secret <use>',
      `secret it uses: name[=secret][:SERVICES=a,b][:ENV=VAR]; ${MANY} secret`,
      keyed(secretUse),
    ),
    option('--profile <profile>', `profile of the compose file; ${MANY} profile`, listed),
    option(
      '--scale <service=count>',
      'containers of a service; may be repeated; none: as the compose file says',
      keyed(replicas),
    ),
    option('--drift <policy>', 'hand-made changes on a node: report or correct', oneOf(['report', 'correct'])),
    option('--state <state>', 'running or stopped', oneOf(['running', 'stopped'])),
  ],
  'What is kept of its output:': [
    option('--logs <policy>', 'all, errors (stderr only) or off', oneOf(['all', 'errors', 'off'])),
    option('--logs-rate <count>', 'lines a second of the stack on one node; none: 20000', orNone(wholeNumber)),
    option('--logs-keep <days>', 'days; none: as long as there is room', orNone(wholeNumber)),
  ],
  'From git, and new images:': [
    option('--git <url>', 'take it from a git repository instead of -f'),
    option('--ref <ref>', 'branch, tag or commit of the repository; main for a new one'),
    option('--path <path>', 'folder or compose file in the repository; . is its root'),
    option('--git-credential <secret>', 'secret that opens the repository; none: no secret', orNone(word)),
    option('--git-every <time>', 'how often it is looked at, as 5m; 0: by webhook or hand only', seconds),
    option('--images <policy>', 'when a tag moves: off, notify or deploy', oneOf(['off', 'notify', 'deploy'])),
    option('--images-every <time>', 'how often registries are asked, as 1h', seconds),
    option(
      '--registry-credential <host=secret>',
      `secret user:password for a registry; ${MANY} secret`,
      keyed(assigned('ghcr.io=registry-login')),
    ),
  ],
  'Where:': [
    option('--node <node>', 'node that runs it, by name or id; may be repeated', several),
    option('--selector <key=value>', 'nodes with this label run it; may be repeated', pair),
  ],
  'How it gets there:': [
    option('--batch <count>', 'nodes at a time, as 2 or 25%, one first; none: all at once', orNone(batch)),
    option('--max-unavailable <count>', 'nodes under way or failed at a time; none: as the batch', orNone(wholeNumber)),
    option('--pause <time>', 'between two batches, as 30s; 0: none', seconds),
    option('--gate <gate>', 'what lets the next batch go: healthy or manual', oneOf(['healthy', 'manual'])),
    option('--depends-on <stack>', `stack that must run before; ${MANY} stack`, listed),
    option('--rollback', 'go back to the last good revision when this one fails (as a new stack does)'),
    option('--no-rollback', 'leave a revision that failed as it is'),
    option('--stability-seconds <count>', 'a service must run so long without a restart; 5 for a new stack', seconds),
    option('--health-timeout-seconds <count>', 'all must be well within so long; 120 for a new stack', wholeNumber),
  ],
  'What is not said stays as it is, but for:': [
    option('--fresh', 'keep nothing of the present revision but its targets'),
    option('--spec <file>', 'the whole as JSON or YAML, as the REST interface takes it; options go before it'),
  ],
};

const ALL = Object.values(GROUPS).flat();

export function specificationOptions(command: Command): Command {
  for (const [heading, options] of Object.entries(GROUPS)) {
    for (const each of options) command.addOption(each.helpGroup(heading));
  }
  return command;
}

/** Was anything said of what the stack is? */
export function isSpecified(options: SpecificationOptions): boolean {
  const said: Readonly<Record<string, unknown>> = { ...options };
  return ALL.some((each) => said[each.attributeName()] !== undefined);
}
