// Pure: what Compose says, without the content of the files that it says it of. It quotes lines of a file of values that it
// can't read, and those may be of any file.

/** `failed to read a.env: line 1: unexpected character "x" in variable name "the whole line"`: cut at the first quote. */
const QUOTED = /^(.*\bfailed to read [^"'`\n]*?)\s*["'`].*$/gm;

export function withoutContents(words: string): string {
  return words.replace(QUOTED, '$1 ...');
}
