// What every command works with: the core, the way to write, the terminal.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { type Api, type Connection, connect } from '#clients/sdk/client.ts';
import { visible } from '#clients/sdk/terminal-text.ts';
import { connectionOf } from './context.ts';
import { EXIT, Failure } from './failure.ts';
import { type Format, formatOf, type View } from './output/render.ts';

export interface Session {
  readonly api: Api;
  readonly connection: Connection;
  readonly view: View;
  /** Where the operator stands; paths are read from there. */
  readonly folder: string;
  /** Ends at Ctrl-C. */
  readonly signal: AbortSignal;
  /** A line for people, on stderr. */
  note(text: string): void;
  /** @throws Failure unless the operator agrees; `name` must be typed */
  confirm(question: string, name: string, isSure: boolean): Promise<void>;
}

interface GlobalOptions {
  readonly url?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly headers?: boolean;
}

const interruption = new AbortController();

export function interrupt(): void {
  interruption.abort();
}

/** npm runs scripts in the package's folder; the operator stands elsewhere. */
function standing(): string {
  return process.env['INIT_CWD'] ?? process.cwd();
}

async function ask(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(question, { signal: interruption.signal });
  } finally {
    prompt.close();
  }
}

export function sessionOf(command: Command): Session {
  const options = command.optsWithGlobals<GlobalOptions>();
  const format: Format = options.json ? 'json' : formatOf(options.output ?? 'table');
  const folder = standing();
  const connection = connectionOf(options.url, process.env, folder);
  return {
    api: connect(connection),
    connection,
    folder,
    signal: interruption.signal,
    view: {
      format,
      headers: options.headers !== false,
      quiet: options.quiet === true,
      width: process.stdout.isTTY ? process.stdout.columns : null,
      write: (text) => void process.stdout.write(text),
    },
    note: (text) => void process.stderr.write(`${text.split('\n').map(visible).join('\n')}\n`),
    async confirm(question, name, isSure) {
      if (isSure) return;
      if (!process.stdin.isTTY) throw new Failure(EXIT.usage, `${question} Nobody is here to ask.`, 'Add -y to do it.');
      const answer = await ask(`${question} Type ${visible(name)} to go on: `);
      if (answer.trim() !== name) throw new Failure(EXIT.failed, 'Nothing was done.');
    },
  };
}
