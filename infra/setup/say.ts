// How set-up tells what it does: on stderr, so that nothing mixes with what a command prints as its result.

export type Say = (line: string) => void;

export function sayOnStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
