// Names, labels and output come from anywhere: on a terminal they must not move the cursor, set its title or hide. Pure.

/** Colour and cursor (CSI), title and clipboard (OSC), device strings: a tool's decoration, dropped. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]/g;

/** Controls, line separators, and marks that turn the direction of text. */
const HIDDEN = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** One line of text that says nothing but what can be seen. */
export function visible(text: string): string {
  return text
    .replace(SEQUENCES, '')
    .replaceAll('\t', ' ')
    .replace(HIDDEN, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
    .toWellFormed();
}
