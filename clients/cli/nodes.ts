// Which node is meant: by name, by id, or by the beginning of an id that only one has.
import { type Api, bodyOf, everyItem, type Schemas } from '#clients/sdk/client.ts';
import { EXIT, Failure } from './failure.ts';
import { short } from './output/words.ts';

export type Node = Schemas['Node'];

const SHORTEST_PREFIX = 4;

export function allNodes(api: Api): Promise<Node[]> {
  return everyItem((cursor) =>
    bodyOf(api.GET('/api/nodes', { params: { query: { limit: 1000, ...(cursor === null ? {} : { cursor }) } } })),
  );
}

/** @throws Failure when none or more than one fits */
export function chosen(nodes: readonly Node[], text: string): Node {
  const exact = nodes.find(({ id, name }) => id === text || name === text);
  if (exact) return exact;
  const begun = text.length < SHORTEST_PREFIX ? [] : nodes.filter(({ id }) => id.startsWith(text));
  const [only, ...others] = begun;
  if (only && others.length === 0) return only;
  if (only)
    throw new Failure(EXIT.usage, `${begun.length} nodes have an id that begins with ${text}.`, 'Give more of it.');
  const near = nodes.filter(({ name }) => name.startsWith(text.slice(0, 3))).map(({ name }) => name);
  const hint =
    near.length > 0 ? `Did you mean ${near.slice(0, 3).join(' or ')}?` : 'See which there are: overseer node ls';
  throw new Failure(EXIT.notFound, `There is no node ${text}.`, hint);
}

export async function nodeNamed(api: Api, text: string): Promise<Node> {
  return chosen(await allNodes(api), text);
}

/** What nodes are called; one that is gone, by the beginning of its id. Nothing is asked when there are none. */
export async function nodeNames(api: Api, ids: readonly string[]): Promise<(id: string) => string> {
  const known = new Map(ids.length === 0 ? [] : (await allNodes(api)).map(({ id, name }) => [id, name] as const));
  return (id) => known.get(id) ?? short(id);
}

const AGAIN_MS = 10_000;

/** The same for nodes that are not known beforehand: one that came meanwhile is asked for, and shown by its id until then. */
export function nodeLabels(api: Api, nodes: readonly Node[]): (id: string) => string {
  const known = new Map(nodes.map(({ id, name }) => [id, name]));
  let askedAt = Date.now();
  return (id) => {
    if (!known.has(id) && Date.now() - askedAt > AGAIN_MS) {
      askedAt = Date.now();
      // Names are for the eye; without the core ids must do.
      const learn = (all: readonly Node[]) => all.forEach(({ id: each, name }) => void known.set(each, name));
      void allNodes(api).then(learn, () => {});
    }
    return known.get(id) ?? short(id);
  };
}
