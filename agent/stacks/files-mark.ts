// Pure: files of a stack that a container mounts. Compose's own digest of a service does not know the content of what
// it mounts, so a changed file alone recreates nothing. The agent notes with each container a mark of the files it
// mounts; where they are others now, `up` is followed by a `recreate` of just those services: a restart alone would keep
// a file that was mounted by itself, because writing it anew makes another inode.

/** Of the files below these mounts; '' when there is none. */
export function filesMark(files: Readonly<Record<string, string>>, mounts: readonly string[]): string {
  const mounted = Object.entries(files)
    .filter(([path]) => mounts.some((mount) => mount === '' || path === mount || path.startsWith(`${mount}/`)))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return mounted.length === 0 ? '' : digest(JSON.stringify(mounted));
}

/** 53 bits that tell contents apart; nobody's safety rests on them. */
function digest(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(16);
}
