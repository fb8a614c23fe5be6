// Gathers a step's output lines into events: a burst becomes one message, a slow tool is still heard within a moment.

/** A message holds at most 500 lines and 128 kB; these leave room for the rest of it. */
const MOST_LINES = 200;
const MOST_CHARACTERS = 32 * 1024;
const LONGEST_LINE = 4096;
/** A tool that prints on and on is cut: its last words come with the step's outcome. */
const MOST_LINES_OF_A_STEP = 5000;
const GATHER_MS = 200;

export interface OutputGatherer {
  line(text: string): void;
  /** Hands on what is left. */
  end(): void;
}

export function gatherOutput(emit: (lines: string[]) => void): OutputGatherer {
  let lines: string[] = [];
  let characters = 0;
  let total = 0;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) emit(lines);
    lines = [];
    characters = 0;
  }

  return {
    line(raw) {
      const text = raw.trimEnd();
      if (text === '') return;
      total += 1;
      if (total > MOST_LINES_OF_A_STEP) return;
      const line = text.slice(0, LONGEST_LINE);
      if (lines.length >= MOST_LINES || characters + line.length > MOST_CHARACTERS) flush();
      lines.push(line);
      characters += line.length;
      timer ??= setTimeout(flush, GATHER_MS);
    },
    end() {
      const unheard = total - MOST_LINES_OF_A_STEP;
      if (unheard > 0) lines.push(`(${unheard} further lines were left out)`);
      flush();
    },
  };
}
