// What somebody who watches is told of the connection.
import type { FollowOptions } from '#clients/sdk/messages.ts';

export type Write = (lines: readonly string[]) => void;

/** A connection that breaks and is there again at once is nobody's business. */
export function connectionNews(write: Write): Pick<FollowOptions, 'onOpen' | 'onDown'> {
  let isDown = false;
  return {
    onDown(_, tries) {
      if (tries !== 1) return;
      isDown = true;
      write(['The core does not answer; trying again.']);
    },
    onOpen() {
      if (isDown) write(['The core is there again.']);
      isDown = false;
    },
  };
}
