// Terminal output as plain text: colour and cursor sequences fall away. Pure.

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal sequences start with control characters
const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what is left of them is dropped too
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** A carriage return overwrites the line: what stands after the last one is what a terminal would show. */
export function plain(line: string): string {
  const text = line.replace(SEQUENCE, '').replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1).replace(CONTROL, '');
}
