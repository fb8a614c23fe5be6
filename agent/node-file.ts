// What enrollment gave to this node: its id, the way to the bus, the key that signs its documents, its credential.
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { Id, NodeName } from '#subjects/schema/ids.ts';
import { Credential } from '#subjects/schema/node.ts';
import { writeDurably } from './state/durable-file.ts';

const NodeFile = z.object({
  id: Id,
  name: NodeName,
  /** The gateway, for a credential after a long absence. */
  url: z.url(),
  servers: z.array(z.string()).check(z.minLength(1)),
  /** Certificate of the bus's authority, PEM. */
  ca: z.string(),
  /** Raw public key of the document signer, base64url: pinned at enrollment. */
  signer: z.string(),
  credential: Credential,
});
export type NodeFile = z.infer<typeof NodeFile>;

/** Null when this folder was never enrolled. @throws when the file can't be read */
export async function readNodeFile(file: string): Promise<NodeFile | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return NodeFile.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} is damaged; restore it from a backup or enroll again with a new token`, { cause: error });
  }
}

export function writeNodeFile(file: string, node: NodeFile): Promise<void> {
  return writeDurably(file, `${JSON.stringify(node, null, 2)}\n`);
}
