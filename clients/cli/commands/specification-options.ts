// The options that say what a stack is; the same for a plan and a deployment.
import type { Command } from 'commander';
import { batch, duration, oneOf, pair, scale, secretUse, several, wholeNumber } from '../options.ts';

export interface SpecificationOptions {
  readonly compose?: string;
  readonly git?: string;
  readonly ref?: string;
  readonly path?: string;
  readonly gitCredential?: string;
  /** Path in the stack -> file here. */
  readonly file?: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly node?: readonly string[];
  readonly selector?: Record<string, string>;
  readonly state?: 'running' | 'stopped';
  readonly profile?: readonly string[];
  readonly scale?: Record<string, number>;
  readonly secret?: Record<string, { secret?: string; environment?: string }>;
  readonly drift?: 'report' | 'correct';
  readonly dependsOn?: readonly string[];
  readonly images?: 'off' | 'notify' | 'deploy';
  readonly batch?: number | string;
  readonly maxUnavailable?: number;
  /** Milliseconds. */
  readonly pause?: number;
  readonly gate?: 'healthy' | 'manual';
  /** `--no-rollback`. */
  readonly rollback: boolean;
}

export function specificationOptions(command: Command): Command {
  return command
    .option('-f, --compose <file>', 'compose file; - reads stdin')
    .option('--git <url>', 'take it from a git repository instead')
    .option('--ref <ref>', 'branch, tag or commit of the repository (main unless given)')
    .option('--path <path>', 'folder or compose file in the repository')
    .option('--git-credential <secret>', 'secret that opens the repository')
    .option('--file <path=local>', 'further file: path in the stack = file here; may be repeated', pair)
    .option('--env-file <file>', 'values for the variables in the compose file')
    .option('--node <node>', 'node that runs it, by name or id; may be repeated', several)
    .option('--selector <key=value>', 'nodes with this label run it; may be repeated', pair)
    .option('--state <state>', 'running or stopped', oneOf(['running', 'stopped']))
    .option('--profile <profile>', 'profile of the compose file; may be repeated', several)
    .option('--scale <service=count>', 'containers of a service; may be repeated', scale)
    .option('--secret <use>', 'secret it uses: name[=secret][:ENV=VAR]; may be repeated', secretUse)
    .option('--drift <policy>', 'hand-made changes on a node: report or correct', oneOf(['report', 'correct']))
    .option('--depends-on <stack>', 'stack that must run before; may be repeated', several)
    .option('--images <policy>', 'when a tag moves: off, notify or deploy', oneOf(['off', 'notify', 'deploy']))
    .option('--batch <count>', 'nodes at a time, as 2 or 25%; one first', batch)
    .option('--max-unavailable <count>', 'nodes under way or failed at a time', wholeNumber)
    .option('--pause <time>', 'between two batches, as 30s', duration)
    .option('--gate <gate>', 'what lets the next batch go: healthy or manual', oneOf(['healthy', 'manual']))
    .option('--no-rollback', 'leave a revision that failed as it is');
}

/** Was anything said of what the stack is? */
export function isSpecified({ rollback, ...options }: SpecificationOptions): boolean {
  const said: Readonly<Record<string, unknown>> = { ...options };
  return !rollback || SPECIFYING.some((name) => said[name] !== undefined);
}

const SPECIFYING = [
  ...['compose', 'git', 'ref', 'path', 'gitCredential', 'file', 'envFile', 'node', 'selector', 'state', 'profile'],
  ...['scale', 'secret', 'drift', 'dependsOn', 'images', 'batch', 'maxUnavailable', 'pause', 'gate'],
];
