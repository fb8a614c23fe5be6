// What the options say, with the files and nodes they name.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { parseEnvText } from '#clients/sdk/env-text.ts';
import { EXIT, Failure } from '../failure.ts';
import { allNodes, chosen } from '../nodes.ts';
import type { Session } from '../session.ts';
import type { Draft, Said } from './merged.ts';
import type { SpecificationOptions } from './options.ts';
import { type Changes, NONE, type OrNone } from './values.ts';

const STDIN = 0;

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function textOf(folder: string, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? STDIN : resolve(folder, file)));
  } catch (error) {
    const reason = error instanceof TypeError ? 'it is not text' : wordsOf(error);
    throw new Failure(EXIT.usage, `${file} can't be read: ${reason}`);
  }
}

function environment(folder: string, file: string): Record<string, string> {
  const text = textOf(folder, file);
  try {
    return parseEnvText(text);
  } catch (error) {
    throw new Failure(EXIT.usage, `${file}: ${wordsOf(error)}`);
  }
}

/** JSON is YAML. What the core would refuse it refuses itself, in its own words. @throws Failure */
export function wholeIn(folder: string, file: string): Draft {
  const text = textOf(folder, file);
  let read: unknown;
  try {
    read = parse(text);
  } catch (error) {
    throw new Failure(EXIT.usage, `${file}: ${wordsOf(error)}`);
  }
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Draft;
  throw new Failure(EXIT.usage, `${file} is no specification.`, 'See one: overseer stack get NAME -o json (its spec)');
}

function filesOf(folder: string, files: Changes<string> | undefined): Changes<string> | undefined {
  if (files === undefined) return undefined;
  const read = Object.entries(files.set).map(([path, local]) => [path, textOf(folder, local)]);
  return { ...files, set: Object.fromEntries(read) };
}

/** Null is what takes away. */
const taken = <T>(value: OrNone<T> | undefined): T | null | undefined => (value === NONE ? null : (value as T));

async function targetsOf({ api }: Session, { node, selector }: SpecificationOptions): Promise<Said['targets']> {
  if (node === undefined && selector === undefined) return undefined;
  const all = node === undefined ? [] : await allNodes(api);
  return {
    ...(node === undefined ? {} : { nodes: node.map((text) => chosen(all, text).id) }),
    ...(selector === undefined ? {} : { selector }),
  };
}

/** @throws Failure when a file can't be read, or a node is not there */
export async function saidBy(session: Session, options: SpecificationOptions): Promise<Said> {
  const { folder } = session;
  const { compose, envFile, batch, maxUnavailable, pause, gate, rollback } = options;
  return {
    compose: compose === undefined ? undefined : textOf(folder, compose),
    source: {
      repository: options.git,
      ref: options.ref,
      path: options.path,
      credential: taken(options.gitCredential),
      everySeconds: options.gitEvery,
    },
    files: filesOf(folder, options.file),
    env: envFile === undefined ? undefined : envFile === NONE ? {} : environment(folder, envFile),
    secrets: options.secret,
    profiles: options.profile && [...options.profile],
    scale: options.scale,
    drift: options.drift,
    state: options.state,
    logs: { collect: options.logs, linesPerSecond: taken(options.logsRate), keepDays: taken(options.logsKeep) },
    images: { policy: options.images, everySeconds: options.imagesEvery },
    credentials: options.registryCredential,
    targets: await targetsOf(session, options),
    dependsOn: options.dependsOn && [...options.dependsOn],
    strategy: {
      ...{ batch: taken(batch), maxUnavailable: taken(maxUnavailable), gate, rollback },
      pauseSeconds: pause,
      stabilitySeconds: options.stabilitySeconds,
      healthTimeoutSeconds: options.healthTimeoutSeconds,
    },
  };
}
