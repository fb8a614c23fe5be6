// A stack's specification from files and flags.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Schemas } from '#clients/sdk/client.ts';
import { EXIT, Failure } from '../failure.ts';
import { allNodes, chosen } from '../nodes.ts';
import { environmentOf } from '../options.ts';
import type { Session } from '../session.ts';
import type { SpecificationOptions } from './specification-options.ts';

type Specification = Schemas['StackSpec'];

const STDIN = 0;
const BRANCH = 'main';

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

async function present({ api }: Session, name: string): Promise<Specification | null> {
  const { data } = await api.GET('/api/stacks/{name}', { params: { path: { name } } });
  return data?.spec ?? null;
}

/** What it is made of: a compose text, or the place it is fetched from; as it was when neither is given. */
function contentOf(
  folder: string,
  options: SpecificationOptions,
  before: Specification | null,
): Omit<Specification, 'targets'> {
  const { compose, git, ref, path, gitCredential } = options;
  if (compose !== undefined && git !== undefined) {
    throw new Failure(EXIT.usage, 'It comes from a file or from git, not both.', 'Leave out -f or --git.');
  }
  if (compose !== undefined) return { compose: textOf(folder, compose) };
  const place = {
    ...(ref === undefined ? {} : { ref }),
    ...(path === undefined ? {} : { path }),
    ...(gitCredential === undefined ? {} : { credential: gitCredential }),
  };
  if (git !== undefined) return { source: { repository: git, ref: BRANCH, ...place } };
  if (before === null) {
    const next = 'Add -f compose.yaml or --git URL.';
    throw new Failure(EXIT.usage, 'Nothing says what should run, and there is no such stack yet.', next);
  }
  const { targets: _, ...content } = before;
  if (Object.keys(place).length === 0) return content;
  if (content.source === undefined) throw new Failure(EXIT.usage, 'It does not come from git.', 'Add --git URL.');
  return { ...content, source: { ...content.source, ...place } };
}

/** What is not given is as it was, when the stack is there already. */
async function targetsOf(
  { api }: Session,
  { node, selector }: SpecificationOptions,
  before: Specification | null,
): Promise<Schemas['Targets']> {
  if (node === undefined && selector === undefined) {
    if (before) return before.targets;
    throw new Failure(EXIT.usage, 'Nothing says where it should run.', 'Add --node NAME or --selector key=value.');
  }
  const all = node === undefined ? [] : await allNodes(api);
  return {
    ...(node === undefined ? {} : { nodes: node.map((text) => chosen(all, text).id) }),
    ...(selector === undefined ? {} : { selector }),
  };
}

function strategyOf(options: SpecificationOptions, before: Specification['strategy']): Pick<Specification, 'strategy'> {
  const { batch, maxUnavailable, pause, gate, rollback } = options;
  const strategy = {
    ...before,
    ...(batch === undefined ? {} : { batch }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    ...(pause === undefined ? {} : { pauseSeconds: Math.round(pause / 1000) }),
    ...(gate === undefined ? {} : { gate }),
    ...(rollback ? {} : { rollback }),
  };
  return Object.keys(strategy).length === 0 ? {} : { strategy };
}

export async function specificationOf(
  session: Session,
  name: string,
  options: SpecificationOptions,
): Promise<Specification> {
  const { folder } = session;
  const { file, envFile, state, profile, scale, secret, drift, dependsOn, images } = options;
  const isWhole = options.compose !== undefined || options.git !== undefined;
  const needsBefore = !isWhole || (options.node === undefined && options.selector === undefined);
  const files = Object.entries(file ?? {}).map(([path, local]) => [path, textOf(folder, local)]);
  const before = needsBefore ? await present(session, name) : null;
  const content = contentOf(folder, options, before);
  return {
    ...content,
    targets: await targetsOf(session, options, before),
    ...(files.length === 0 ? {} : { files: Object.fromEntries(files) }),
    ...(envFile === undefined ? {} : { env: environment(folder, envFile) }),
    ...(state === undefined ? {} : { state }),
    ...(profile === undefined ? {} : { profiles: [...profile] }),
    ...(scale === undefined ? {} : { scale }),
    ...(secret === undefined ? {} : { secrets: secret }),
    ...(drift === undefined ? {} : { drift }),
    ...(dependsOn === undefined ? {} : { dependsOn: [...dependsOn] }),
    ...(images === undefined ? {} : { images: { ...content.images, policy: images } }),
    ...strategyOf(options, content.strategy),
  };
}
