// A stack's specification from files and flags.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Schemas } from '#clients/sdk/client.ts';
import { EXIT, Failure } from '../failure.ts';
import { allNodes, chosen } from '../nodes.ts';
import { environmentOf } from '../options.ts';
import type { Session } from '../session.ts';

export interface SpecificationOptions {
  readonly compose: string;
  /** Path in the stack -> file here. */
  readonly file?: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly node?: readonly string[];
  readonly selector?: Record<string, string>;
  readonly state?: 'running' | 'stopped';
}

const STDIN = 0;

function textOf(folder: string, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file === '-' ? STDIN : resolve(folder, file)));
  } catch (error) {
    const reason =
      error instanceof TypeError ? 'it is not text' : error instanceof Error ? error.message : String(error);
    throw new Failure(EXIT.usage, `${file} can't be read: ${reason}`);
  }
}

function environment(folder: string, file: string): Record<string, string> {
  try {
    return environmentOf(textOf(folder, file));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(EXIT.usage, `${file}: ${error instanceof Error ? error.message : error}`);
  }
}

/** What is not given is as it was, when the stack is there already. */
async function targetsOf(
  { api }: Session,
  name: string,
  { node, selector }: SpecificationOptions,
): Promise<Schemas['Targets']> {
  if (node === undefined && selector === undefined) {
    const { data } = await api.GET('/api/stacks/{name}', { params: { path: { name } } });
    if (data) return data.targets;
    throw new Failure(EXIT.usage, 'Nothing says where it should run.', 'Add --node NAME or --selector key=value.');
  }
  const all = node === undefined ? [] : await allNodes(api);
  return {
    ...(node === undefined ? {} : { nodes: node.map((text) => chosen(all, text).id) }),
    ...(selector === undefined ? {} : { selector }),
  };
}

export async function specificationOf(
  session: Session,
  name: string,
  options: SpecificationOptions,
): Promise<Schemas['StackSpec']> {
  const { folder } = session;
  const { compose, file, envFile, state } = options;
  const files = Object.entries(file ?? {}).map(([path, local]) => [path, textOf(folder, local)]);
  return {
    compose: textOf(folder, compose),
    targets: await targetsOf(session, name, options),
    ...(files.length === 0 ? {} : { files: Object.fromEntries(files) }),
    ...(envFile === undefined ? {} : { env: environment(folder, envFile) }),
    ...(state === undefined ? {} : { state }),
  };
}
