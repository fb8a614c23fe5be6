// Removes images that nothing needs: when an operator says so, and every day where the node's configuration asks for it.
import type { Logger } from '#infra/logger.ts';
import type { PruneImages } from '#subjects/schema/action.ts';
import type { NodeConfig } from '#subjects/schema/node.ts';
import type { Engine } from './docker.ts';
import type { Recorder } from './outbox/recorder.ts';
import { type ImageOnNode, nextPruneAt, unneededImages } from './unneeded-images.ts';

export type ImageStore = Pick<Engine, 'images' | 'imageId' | 'imageFreshAt' | 'removeImage' | 'allContainers'>;

export interface ImageUpkeep {
  /** Begins it; what came of it is told as an event. */
  prune(kind: PruneImages): void;
  stop(): Promise<void>;
}

interface Parts {
  readonly node: string;
  readonly engine: ImageStore;
  readonly recorder: Pick<Recorder, 'record'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  now(): number;
  /** References that desired stacks and their last good versions name. */
  kept(): ReadonlySet<string>;
  config(): NodeConfig | null;
}

/** `<none>:<none>` is how the engine writes that there is none. */
function namesOf(image: {
  RepoTags?: string[] | null | undefined;
  RepoDigests?: string[] | null | undefined;
}): string[] {
  return [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((name) => !name.startsWith('<none>'));
}

async function candidates(engine: ImageStore, kept: ReadonlySet<string>, kind: PruneImages, now: number) {
  const [listed, containers] = await Promise.all([engine.images(), engine.allContainers()]);
  const needed = new Set(containers.map(({ ImageID }) => ImageID));
  for (const name of kept) {
    const id = await engine.imageId(name);
    if (id !== null) needed.add(id);
  }
  const onNode: ImageOnNode[] = [];
  for (const image of listed) {
    const { Id: id, Size: bytes } = image;
    // Asked only for those that may go: one question each.
    if (needed.has(id)) continue;
    const freshAt = Math.max(image.Created * 1000, (await engine.imageFreshAt(id)) ?? 0);
    onNode.push({ id, names: namesOf(image), bytes, freshAt });
  }
  return unneededImages(onNode, needed, kind, now);
}

/** Never by force: what got a container in the meantime stays. */
async function remove(engine: ImageStore, { id, names }: ImageOnNode): Promise<boolean> {
  for (const name of names) if (!(await engine.removeImage(name)) && (await engine.imageId(id)) !== null) return false;
  if ((await engine.imageId(id)) === null) return true;
  return engine.removeImage(id);
}

export function startImageUpkeep(parts: Parts): ImageUpkeep {
  const { engine, recorder, log, now } = parts;
  const startedAt = now();
  let isStopping = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  async function pruneNow(kind: PruneImages): Promise<void> {
    let count = 0;
    let bytes = 0;
    let reason: string | null = null;
    try {
      for (const image of await candidates(engine, parts.kept(), kind, now())) {
        if (isStopping) break;
        if (!(await remove(engine, image))) continue;
        count += 1;
        bytes += image.bytes;
      }
    } catch (error) {
      reason = error instanceof Error ? error.message.slice(0, 4000) : String(error);
      log.warn({ error }, 'images could not be removed');
    }
    recorder.record({ type: 'images.pruned', count, bytes, reason });
    log.info({ kind, count, bytes }, 'images that nothing needs were removed');
  }

  function begin(kind: PruneImages): void {
    running = running.then(() => (isStopping ? undefined : pruneNow(kind)));
  }

  function arm(): void {
    timer = setTimeout(
      () => {
        const config = parts.config();
        const kind = config?.pruneImages ?? 'off';
        if (kind !== 'off' && !config?.paused) begin(kind);
        arm();
      },
      nextPruneAt(parts.node, now(), startedAt) - now(),
    );
    timer.unref();
  }

  arm();
  return {
    prune: begin,
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await running;
    },
  };
}
