// The value of a secret on its way in: from a file, from stdin, or typed unseen. Never from an argument, which every
// program on the machine can read.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EXIT, Failure } from './failure.ts';
import type { Session } from './session.ts';

async function typed(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await prompt.question('', { signal });
  } finally {
    prompt.close();
    process.stderr.write('\n');
  }
}

async function typedTwice(name: string, signal: AbortSignal): Promise<Buffer> {
  const value = await typed(`Value of ${name}: `, signal);
  if (value !== (await typed('Once more: ', signal))) throw new Failure(EXIT.usage, 'The two are not the same.');
  return Buffer.from(value);
}

async function piped(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const value = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return value;
}

function inFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure(EXIT.usage, `The value can't be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** @throws Failure when it is empty */
export async function secretValue(
  { folder, signal, note }: Session,
  name: string,
  file: string | undefined,
): Promise<Buffer> {
  const isTyped = file === undefined && process.stdin.isTTY;
  const given = isTyped ? typedTwice(name, signal) : file === undefined ? piped() : inFile(resolve(folder, file));
  const value = await given;
  if (value.length === 0) throw new Failure(EXIT.usage, 'The value is empty.');
  if (value.at(-1) === 0x0a) note('The value ends with a line break, which is a part of it (printf leaves it out).');
  return value;
}
