// What commands need of a real engine beyond what the reconciler does with it.

import type { ComposeModel } from '#infra/compose/model.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { Preview } from '#subjects/schema/plan.ts';
import type { ProjectsAnswer } from '#subjects/schema/project.ts';
import type { Engine } from './docker.ts';
import type { ImageStore } from './image-upkeep.ts';
import { answerProjects } from './projects/answer.ts';
import { door } from './secrets/door.ts';
import { placesIn } from './secrets/generation.ts';
import { openly } from './secrets/redactor.ts';
import type { SecretRoom } from './secrets/room.ts';
import { secretUses } from './secrets/uses.ts';
import type { Restart } from './stacks/actions.ts';
import type { Compose } from './stacks/compose.ts';
import { reasonOf } from './stacks/compose-output.ts';
import type { StackFolders } from './stacks/folder.ts';
import type { Observed } from './stacks/model.ts';
import { overlayText } from './stacks/overlay.ts';
import { preview } from './stacks/preview.ts';
import { Refusal } from './stacks/scratch.ts';

export interface EngineTools {
  preview(stack: DesiredStack, observed: () => Promise<Observed>): Promise<Preview>;
  projects(project: string | null, isManaged: (project: string) => boolean): Promise<ProjectsAnswer>;
  readonly restart: Restart;
  readonly images: ImageStore;
}

interface Parts {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly folders: StackFolders;
  readonly room?: Pick<SecretRoom, 'directory' | 'file' | 'redactor'>;
  now(): number;
}

const RESTART_DEADLINE_MS = 10 * 60_000;

export function engineTools({ engine, compose, folders, room, now }: Parts): EngineTools {
  function overlayOf(stack: DesiredStack, model: ComposeModel): string | null {
    const uses = secretUses(model, stack);
    if (!uses.ok) throw new Refusal(uses.reason);
    const services = Object.keys(model.services);
    return overlayText({ stack, services, uses: uses.services, places: placesIn(room, stack) });
  }

  return {
    async preview(stack, observed) {
      const found = await preview(stack, { engine, folders, overlayOf, observed, now });
      return door((name) => room?.redactor(name) ?? openly).preview(stack.name, found);
    },
    projects: (project, isManaged) => answerProjects(project, { engine, isManaged }),
    async restart(project, services, { signal, onLine }) {
      const redact = room?.redactor(project) ?? openly;
      const call = { project, directory: null, arguments: ['restart', ...services], timeoutMs: RESTART_DEADLINE_MS };
      const done = await compose.call({ ...call, signal, onLine: (line) => onLine(redact(line)), cuts: redact.cuts });
      const { exitCode } = done;
      if (exitCode === 0 && !done.timedOut) return { ok: true, exitCode, reason: null, permanent: false };
      const reason = done.timedOut
        ? 'docker compose restart did not end in time'
        : reasonOf(redact(done.stderr), exitCode);
      return { ok: false, exitCode, reason, permanent: false };
    },
    images: engine,
  };
}
