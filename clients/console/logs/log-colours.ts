// Colours of lines by role, so that they can be read on both themes: those of programs, and one for each source. Pure.
import type { Colour, Look } from '#clients/sdk/log-spans.ts';

const RED = 'text-log-red';
const GREEN = 'text-log-green';
const YELLOW = 'text-log-yellow';
const BLUE = 'text-log-blue';
const MAGENTA = 'text-log-magenta';
const CYAN = 'text-log-cyan';

/** Black and white would be unseen on one of the themes. */
const BASIC = ['text-ink-2', RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, 'text-ink'] as const;
const HUES = [RED, YELLOW, GREEN, CYAN, BLUE, MAGENTA] as const;
const SOURCES = [BLUE, GREEN, MAGENTA, CYAN, YELLOW, 'text-ink-2'] as const;

/** Steps of the colour cube of 256. */
const STEPS = [0, 95, 135, 175, 215, 255] as const;

function rgbOf(number: number): readonly [number, number, number] {
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10;
    return [grey, grey, grey];
  }
  const at = number - 16;
  const step = (divisor: number) => STEPS[Math.floor(at / divisor) % 6] ?? 0;
  return [step(36), step(6), step(1)];
}

/** The nearest of those that can be read. */
function nearest([red, green, blue]: readonly [number, number, number]): string {
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range < 40) return most > 160 ? 'text-ink' : 'text-ink-2';
  const turn =
    most === red
      ? ((green - blue) / range + 6) % 6
      : most === green
        ? (blue - red) / range + 2
        : (red - green) / range + 4;
  return HUES[Math.round(turn) % 6] ?? RED;
}

export function inkClass(colour: Colour): string {
  if (typeof colour !== 'number') return nearest(colour);
  if (colour === 8) return 'text-ink-3';
  return colour < 16 ? (BASIC[colour % 8] ?? 'text-ink') : nearest(rgbOf(colour));
}

export function lookClass({ ink, ground, bold, dim, italic, underlined, inverse }: Look): string {
  const classes = [
    ink === null ? (dim ? 'text-ink-3' : '') : inkClass(ink),
    ground !== null || inverse ? 'rounded-xs bg-hover' : '',
    bold ? 'font-semibold' : '',
    italic ? 'italic' : '',
    underlined ? 'underline' : '',
  ];
  return classes.filter((each) => each !== '').join(' ');
}

/** The same for a source wherever it is shown (FNV-1a). */
export function sourceClass(source: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < source.length; at += 1) hash = Math.imul(hash ^ source.charCodeAt(at), 0x01000193) >>> 0;
  return SOURCES[hash % SOURCES.length] ?? BLUE;
}
