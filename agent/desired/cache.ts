// Where the signed document is kept as it came: on disk for real agents, in memory for simulated ones.
import { readFile } from 'node:fs/promises';
import { writeDurably } from '../state/durable-file.ts';

export interface DocumentCache {
  load(): Promise<Uint8Array | null>;
  /** Resolves when it would survive a power cut. */
  keep(payload: Uint8Array): Promise<void>;
}

export function fileCache(file: string): DocumentCache {
  return {
    load: () =>
      readFile(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      }),
    keep: (payload) => writeDurably(file, payload),
  };
}

export function memoryCache(): DocumentCache {
  let held: Uint8Array | null = null;
  return {
    load: () => Promise.resolve(held),
    keep(payload) {
      held = payload;
      return Promise.resolve();
    },
  };
}
