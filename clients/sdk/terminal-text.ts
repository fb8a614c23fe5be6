// Names, labels and output come from anywhere: shown, they must not move the cursor, set a title, hide or turn around. Pure.

/** Colour and cursor (CSI), title and clipboard (OSC), device strings: a tool's decoration. */
const SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\x00-\x1f]/g;
/** Controls that JSON lets stand, line separators, and marks that turn the direction of text. */
const MARKS = /[\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const code = (character: string) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** What a terminal would show of a line of output: decoration falls away, and a carriage return begins the line anew. */
export function plain(line: string): string {
  const text = line.replace(SEQUENCES, '').replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}

/** One line of text that says nothing but what can be seen. */
export function visible(text: string): string {
  return marked(text.replace(SEQUENCES, '').replaceAll('\t', ' ').replace(CONTROLS, code)).toWellFormed();
}

/** The same for a line of a log, whose tabs mean something. */
export function harmless(text: string): string {
  const shown = text.replace(SEQUENCES, '').replace(CONTROLS, (each) => (each === '\t' ? each : code(each)));
  return marked(shown).toWellFormed();
}

export function hasMarks(text: string): boolean {
  return text.search(MARKS) >= 0;
}

/** Marks by their codes, as JSON and YAML in double quotes read them back. */
export function marked(text: string): string {
  return text.replace(MARKS, code);
}
