// What a tool or a node said, as text of one or several lines: colour and cursor sequences fall away, what hides or turns
// the direction is shown by its code. Pure.
import { marked, plain as withoutDecoration } from '#clients/sdk/terminal-text.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: what is left of terminal sequences is dropped too
const CONTROL = /[\x00-\x08\x0b-\x1f]/g;

export function plain(text: string): string {
  return text
    .split('\n')
    .map((line) => marked(withoutDecoration(line).replace(CONTROL, '')))
    .join('\n');
}
