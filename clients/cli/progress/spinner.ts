// One moving line on a terminal's stderr, below what was written; nothing where nobody watches.

export interface Spinner {
  say(status: string): void;
  /** Runs `write` with the line out of the way. */
  above(write: () => void): void;
  stop(): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const EVERY_MS = 100;
const CLEAR = '\r\u001b[K';

export function startSpinner(): Spinner {
  if (!process.stderr.isTTY || process.env['TERM'] === 'dumb') {
    return { say: () => {}, above: (write) => write(), stop: () => {} };
  }
  const begun = Date.now();
  let frame = 0;
  let status = '';
  const draw = () => {
    const seconds = Math.round((Date.now() - begun) / 1000);
    const line = `${FRAMES[frame % FRAMES.length]} ${status}, ${seconds} s`;
    if (status !== '') process.stderr.write(`${CLEAR}${line.slice(0, process.stderr.columns - 1)}`);
  };
  const timer = setInterval(() => {
    frame += 1;
    draw();
  }, EVERY_MS);
  return {
    say(text) {
      status = text;
      draw();
    },
    above(write) {
      process.stderr.write(CLEAR);
      write();
      draw();
    },
    stop() {
      clearInterval(timer);
      process.stderr.write(CLEAR);
    },
  };
}
