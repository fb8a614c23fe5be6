// Logs as an operator's script gets them: a download line by line, and a followed stream that goes on where it broke off. No
// code of ours between.
import type { System } from './system.ts';

export interface HeardLine {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  readonly item: any;
  /** Milliseconds since 1970. */
  readonly heardAt: number;
}

const headers = (system: System) => ({ authorization: `Bearer ${system.token}` });

async function* pieces(body: ReadableStream<Uint8Array>, separator: string): AsyncGenerator<string> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>) {
    const parts = (rest + text).split(separator);
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** Every item of a download, in the order of time. @throws when the core says in the middle that it failed */
// biome-ignore lint/suspicious/noExplicitAny: as above
export async function* downloaded(system: System, query: string): AsyncGenerator<any> {
  const url = `${system.url}/api/logs/download?format=ndjson&${query}`;
  const answer = await fetch(url, { headers: headers(system) });
  if (answer.status !== 200 || answer.body === null) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  for await (const line of pieces(answer.body, '\n')) {
    if (line === '') continue;
    const item = JSON.parse(line);
    if (item.type === 'error') throw new Error(`the download failed: ${line}`);
    yield item;
  }
}

interface Frame {
  readonly id: string | null;
  readonly data: string | null;
}

function frameOf(text: string): Frame {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? null;
  return { id: field('id'), data: field('data') };
}

/**
 * All that comes until the signal, through any number of connections; each goes on after the last id that was heard.
 * @param onOpen each time a stream stands
 */
export async function follow(
  system: System,
  query: string,
  signal: AbortSignal,
  heard: (line: HeardLine) => void,
  onOpen: () => void = () => {},
): Promise<void> {
  let last: string | null = null;
  while (!signal.aborted) {
    try {
      const resumed: Record<string, string> = last === null ? {} : { 'last-event-id': last };
      const sent = { ...headers(system), accept: 'text/event-stream', ...resumed };
      const answer = await fetch(`${system.url}/api/logs?${query}`, { headers: sent, signal });
      if (answer.status !== 200 || answer.body === null) throw new Error(`${answer.status}`);
      onOpen();
      for await (const text of pieces(answer.body, '\n\n')) {
        const { id, data } = frameOf(text);
        last = id ?? last;
        if (id !== null && data !== null) heard({ id, item: JSON.parse(data), heardAt: Date.now() });
      }
    } catch {
      // The core is away, or the connection was cut in the middle of a frame.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
