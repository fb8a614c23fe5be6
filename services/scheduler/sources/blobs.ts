// Files out of `git cat-file --batch`, each checked against its own hash: text that is no UTF-8 would have been read as
// something else, and is known by that.
import { createHash } from 'node:crypto';
import { type TreeEntry, unusable } from './tree.ts';

function hashOf(content: Buffer, like: string): string {
  return createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}

const LFS = 'version https://git-lfs.github.com/spec/';

/** By path. @throws OverseerError `source-unusable` that names the file */
export function textsOf(output: string, entries: readonly TreeEntry[]): Record<string, string> {
  const all = Buffer.from(output, 'utf8');
  const found: Record<string, string> = {};
  let at = 0;
  for (const { object, path } of entries) {
    const end = all.indexOf('\n', at);
    const [id, type, size] = all.subarray(at, end).toString('utf8').split(' ');
    if (end < 0 || id !== object || type !== 'blob') throw unusable(`"${path}" can't be read`, { file: path });
    const content = all.subarray(end + 1, end + 1 + Number(size));
    if (hashOf(content, object) !== object || content.includes(0)) {
      throw unusable(`"${path}" is no text in UTF-8; a stack's files must be text`, { file: path });
    }
    const text = content.toString('utf8');
    if (text.startsWith(LFS)) throw unusable(`"${path}" lies in Git LFS, which is not fetched`, { file: path });
    found[path] = text;
    at = end + 1 + content.length + 1;
  }
  return found;
}
