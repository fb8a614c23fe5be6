// Pure: how far this node's clock is from the core's, and what that means.

/** Tokens and commands are judged by the core's clock; below this nothing goes wrong. */
const WARN_MS = 30_000;
const ERROR_MS = 5 * 60_000;

export function clockSkew(coreTime: number, ownTime: number): { isSkewed: boolean; reason: string } {
  const offset = ownTime - coreTime;
  const seconds = Math.round(Math.abs(offset) / 1000);
  const direction = offset > 0 ? 'ahead of' : 'behind';
  const consequence = Math.abs(offset) > ERROR_MS ? '; commands and credentials will be refused, set the clock' : '';
  return {
    isSkewed: Math.abs(offset) > WARN_MS,
    reason: `the clock is ${seconds} s ${direction} the core's${consequence}`,
  };
}
