// The document this node goes by. Whatever comes is verified, judged, and on disk before anything follows from it.
import type { KeyObject } from 'node:crypto';
import type { Logger } from '#infra/logger.ts';
import { documentHash, openDocument } from '#infra/signing/document.ts';
import type { DesiredDocument, DesiredPointer } from '#subjects/schema/desired.ts';
import { accept } from './accept.ts';
import type { DocumentCache } from './cache.ts';

interface Held {
  readonly document: DesiredDocument;
  readonly pointer: DesiredPointer;
}

export interface DocumentParts {
  readonly node: string;
  readonly signer: KeyObject;
  readonly cache: DocumentCache;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  onAccepted(): void;
  /** It was the one that is held: the core wants to hear of us again. */
  onSame(): void;
  onRejected(reason: string, generation: number | null): void;
}

export class HeldDocument {
  readonly #parts: DocumentParts;
  #held: Held | null = null;
  #lastRejected: string | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(parts: DocumentParts) {
    this.#parts = parts;
  }

  /** With the document of the last run, if it is still genuine. */
  static async load(parts: DocumentParts): Promise<HeldDocument> {
    const held = new HeldDocument(parts);
    const payload = await parts.cache.load();
    if (payload === null) return held;
    const opened = openDocument(payload, parts.signer);
    if (!opened.ok) parts.log.error({ reason: opened.reason }, 'the document kept on disk is not used');
    else if (opened.document.node !== parts.node) parts.log.error('the document kept on disk is for another node');
    else held.#hold(opened.document, opened.hash);
    return held;
  }

  get document(): DesiredDocument | null {
    return this.#held?.document ?? null;
  }

  get pointer(): DesiredPointer | null {
    return this.#held?.pointer ?? null;
  }

  /** One at a time, in the order they came. */
  offer(payload: Uint8Array): Promise<void> {
    const done = this.#turn.then(() => this.#consider(payload));
    this.#turn = done.catch(() => {});
    return done;
  }

  #hold(document: DesiredDocument, hash: string): void {
    const { epoch, generation } = document;
    this.#held = { document, pointer: { epoch, generation, hash } };
  }

  async #consider(payload: Uint8Array): Promise<void> {
    const { node, signer, cache, log } = this.#parts;
    const opened = openDocument(payload, signer);
    if (!opened.ok) return this.#reject(payload, opened.reason, null);
    const { document, hash } = opened;
    const decision = accept(node, this.pointer, { document, hash });
    switch (decision.kind) {
      case 'accept':
        await cache.keep(payload);
        this.#hold(document, hash);
        this.#lastRejected = null;
        log.info({ generation: document.generation, stacks: document.stacks.length }, 'desired document accepted');
        return this.#parts.onAccepted();
      case 'same':
        return this.#parts.onSame();
      case 'older':
        return log.debug({ generation: document.generation }, 'an older document was left');
      case 'refuse':
        return this.#reject(payload, decision.reason, decision.generation);
      default:
        return decision satisfies never;
    }
  }

  #reject(payload: Uint8Array, reason: string, generation: number | null): void {
    const hash = documentHash(payload);
    // Told once: a stream that holds it would hand it out at every connect.
    if (hash === this.#lastRejected) return;
    this.#lastRejected = hash;
    this.#parts.log.warn({ reason, generation, hash }, 'a desired document was refused');
    this.#parts.onRejected(reason, generation);
  }
}
