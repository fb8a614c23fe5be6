// The audit as a file, taken as it comes; one that was broken off is no export, and its file says so by its name.
import { createWriteStream, renameSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { problemFrom, unreachable } from '#clients/sdk/problem.ts';
import { EXIT, Failure } from '../failure.ts';
import type { Session } from '../session.ts';

interface Range {
  readonly from?: string;
  readonly to?: string;
}

async function asked(
  { connection: { url, token }, signal }: Session,
  range: Range,
): Promise<ReadableStream<Uint8Array>> {
  const query = new URLSearchParams(Object.entries(range).filter(([, value]) => value !== undefined));
  const headers = new Headers(token === null ? {} : { authorization: `Bearer ${token}` });
  const response = await fetch(`${url}/api/audit/export?${query}`, { headers, signal }).catch((error: unknown) => {
    throw unreachable(url, error);
  });
  if (!response.ok) throw problemFrom(response, await response.json().catch(() => null));
  if (response.body === null) throw unreachable(url, null);
  return response.body;
}

/** The last line must be the end. */
function watchEnd() {
  let tail = '';
  return {
    async *through(chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        tail = (tail + Buffer.from(chunk).toString('utf8')).slice(-1024);
        yield chunk;
      }
    },
    isWhole: () => tail.trimEnd().split('\n').at(-1)?.startsWith('{"type":"end"') ?? false,
  };
}

/** @param file null: standard output */
export async function exportAudit(session: Session, range: Range, file: string | null): Promise<void> {
  const end = watchEnd();
  const body = Readable.from(end.through((await asked(session, range)) as unknown as AsyncIterable<Uint8Array>));
  if (file === null) {
    await pipeline(body, process.stdout, { end: false });
  } else {
    const path = resolve(session.folder, file);
    await pipeline(body, createWriteStream(`${path}.part`, { mode: 0o600 }));
    if (end.isWhole()) renameSync(`${path}.part`, path);
  }
  if (!end.isWhole()) throw new Failure(EXIT.partial, 'The export was broken off; what came of it is not whole.');
}
