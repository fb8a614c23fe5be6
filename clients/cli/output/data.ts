// Answers as data for programs, which people look at as well: what could deceive them is written by its code. Pure.
import { Document, visit } from 'yaml';
import { hasMarks, marked } from '#clients/sdk/terminal-text.ts';

export function jsonText(value: unknown): string {
  return `${marked(JSON.stringify(value, null, 2))}\n`;
}

export function jsonLine(value: unknown): string {
  return `${marked(JSON.stringify(value))}\n`;
}

export function yamlText(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    // Only there codes are read back; and blanks alone, which the library would write as a block that loses them.
    Scalar(_, scalar) {
      const { value: text } = scalar;
      if (typeof text === 'string' && (hasMarks(text) || /^\s+$/.test(text))) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  // Written over several lines, blanks at the begin of one would be lost.
  return marked(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER }));
}
