// Secrets are forgotten only after what the stack's containers wrote with them was read: afterwards nobody can take them out.
import type { SecretRoom } from './room.ts';

/** @param caughtUp resolves when the stack's logs were read, or when that takes too long */
export function forgottenAfter(room: SecretRoom, caughtUp: (stack: string) => Promise<void>): SecretRoom {
  return {
    ...room,
    async settle(stack, hasSecrets) {
      if (!hasSecrets) await caughtUp(stack);
      await room.settle(stack, hasSecrets);
    },
    async forget(stack) {
      await caughtUp(stack);
      await room.forget(stack);
    },
  };
}
