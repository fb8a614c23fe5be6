// Of documents that are pushed in a row the newest is looked at first. After a line that swallowed everything for a while
// the server hands out all that waited, oldest first; taken in that order, what was wanted minutes ago would run for a
// moment. All are looked at all the same: a neighbour's document that comes last must not hide ours.

/** More than ever wait in a row. Beyond it the oldest go; what they held is read again within a minute. */
const MOST_HELD = 32;

/**
 * Holds pushed documents until the server has answered what was sent after the first of them came: all that stood behind
 * it in the line is here by then. When the link breaks instead they are dropped, since every connect reads anew.
 */
export function newestPush(
  answered: () => Promise<void>,
  take: (payload: Uint8Array) => void,
): (payload: Uint8Array) => void {
  let held: Uint8Array[] = [];

  async function pass(): Promise<void> {
    const isLinked = await answered().then(
      () => true,
      () => false,
    );
    const newestFirst = held.reverse();
    held = [];
    if (isLinked) for (const payload of newestFirst) take(payload);
  }

  return (payload) => {
    const isWaiting = held.length > 0;
    held.push(payload);
    if (held.length > MOST_HELD) held.shift();
    if (!isWaiting) void pass();
  };
}
