// Of documents that are pushed in a row the newest alone counts. After a line that swallowed everything for a while the
// server hands out all that waited, oldest first; taken one by one, what was wanted minutes ago would run for a moment.

/**
 * Holds a pushed document until the server has answered what was sent after it came: all that stood behind it in the
 * line is here by then. When the link breaks instead it is dropped, since every connect reads the document anew.
 */
export function newestPush(
  answered: () => Promise<void>,
  take: (payload: Uint8Array) => void,
): (payload: Uint8Array) => void {
  let newest: Uint8Array | null = null;

  async function pass(): Promise<void> {
    const isLinked = await answered().then(
      () => true,
      () => false,
    );
    const held = newest;
    newest = null;
    if (isLinked && held) take(held);
  }

  return (payload) => {
    const isWaiting = newest !== null;
    newest = payload;
    if (!isWaiting) void pass();
  };
}
