// Log lines and gaps as text for a terminal or a pipe. Pure.
import { type Colour, type Look, PLAIN, spansOf, textOf } from '#clients/sdk/log-spans.ts';
import { gapAmount, gapReason, sourceOf } from '#clients/sdk/log-words.ts';
import type { LogGap, LogItem, LogLine } from '#clients/sdk/logs.ts';
import { visible } from '#clients/sdk/terminal-text.ts';

export interface LineStyle {
  readonly hasColours: boolean;
  readonly timestamps: boolean;
  /** Where it comes from, before each line. */
  readonly prefix: boolean;
  /** As the program wrote it, with all that a terminal obeys. */
  readonly raw: boolean;
}

/** Colours that can be read on a light and a dark ground; red is left to what is wrong. */
const PALETTE = [36, 32, 34, 35, 33, 96, 92, 94, 95, 93];
const GAP = '1;33';
const FAINT = '2';

const painted = (text: string, code: string | number, hasColours: boolean) =>
  hasColours && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;

/** The same for a source wherever and whenever it is shown (FNV-1a). */
export function colourOf(source: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < source.length; at += 1) hash = Math.imul(hash ^ source.charCodeAt(at), 0x01000193) >>> 0;
  return PALETTE[hash % PALETTE.length] ?? 36;
}

function colourCodes(colour: Colour, base: number): number[] {
  return typeof colour === 'number' ? [base, 5, colour] : [base, 2, ...colour];
}

function codesOf({ ink, ground, bold, dim, italic, underlined, inverse }: Look): string {
  const flags = [bold && 1, dim && 2, italic && 3, underlined && 4, inverse && 7].filter((code) => code !== false);
  const colours = [...(ink === null ? [] : colourCodes(ink, 38)), ...(ground === null ? [] : colourCodes(ground, 48))];
  return [...flags, ...colours].join(';');
}

function bodyOf({ text }: LogLine, { raw, hasColours }: LineStyle): string {
  if (raw) return text;
  if (!hasColours) return textOf(text);
  return spansOf(text)
    .map(({ text: piece, look }) => (look === PLAIN ? piece : painted(piece, codesOf(look), codesOf(look) !== '')))
    .join('');
}

export function gapText(gap: LogGap, node: string): string {
  const { from, to } = gap;
  const between = from !== null && to !== null ? `, between ${from} and ${to}` : '';
  const [amount, verb] = [gapAmount(gap), gap.rows === 1 ? 'is' : 'are'];
  return `--- ${amount} ${verb} missing on ${node} ${sourceOf(gap)}: ${gapReason(gap)} (${gap.reason})${between} ---`;
}

/** One row, with its end. @param node what the node is called */
export function rowOf(item: LogItem, node: string, style: LineStyle): string {
  if (item.type === 'gap') return `${painted(visible(gapText(item, node)), GAP, style.hasColours)}\n`;
  const source = visible(`${node} ${sourceOf(item)}`);
  const time = style.timestamps ? `${painted(visible(item.at), FAINT, style.hasColours)} ` : '';
  const prefix = style.prefix ? `${painted(`${source} |`, colourOf(source), style.hasColours)} ` : '';
  // What goes on in the next row is told from what ends here.
  return `${time}${prefix}${bodyOf(item, style)}${item.partial ? painted('…', FAINT, style.hasColours) : ''}\n`;
}
