// What the loop asks the engine, and its answer joined with what is remembered.
import type { DesiredDocument, DesiredStack } from '#subjects/schema/desired.ts';
import { namedImages } from './images.ts';
import type { Ledger } from './ledger.ts';
import type { Observed, SeenContainer, SeenStack, StackRecord } from './model.ts';
import { effectiveTarget } from './rollback.ts';
import type { Observation, Question } from './runtime.ts';

export interface Survey {
  /** The versions that are worked for. */
  goals(document: Pick<DesiredDocument, 'stacks'>): DesiredStack[];
  /** @param isBusy what is changed just now is not asked for */
  question(document: Pick<DesiredDocument, 'stacks'>, isBusy: (stack: string) => boolean): Question;
  join(observation: Observation): Observed;
}

/** @param isFetched images whose tags move just now by our own doing */
export function survey(ledger: Ledger, isFetched: (image: string) => boolean): Survey {
  const memoryOf = (name: string): Pick<SeenStack, 'record' | 'good'> => {
    return { record: ledger.find(name), good: ledger.good(name) };
  };

  function goals(document: Pick<DesiredDocument, 'stacks'>): DesiredStack[] {
    return document.stacks.map((stack) => effectiveTarget(stack, memoryOf(stack.name)).target);
  }

  return {
    goals,
    question(document, isBusy) {
      const quiet = goals(document).filter(({ name, state }) => state === 'running' && !isBusy(name));
      const applied = quiet.filter(({ name, hash }) => ledger.find(name)?.appliedHash === hash);
      // Images are there when `up` went well; when it fails since, one may have been thrown away.
      const open = quiet.filter((stack) => {
        return !applied.includes(stack) || (ledger.find(stack.name)?.attempts?.failure ?? null) !== null;
      });
      const images = open.flatMap((stack) => namedImages(stack).images.map(({ image }) => image));
      return { images: [...new Set(images)], stacks: applied };
    },
    join({ containers: all, missingImages, changedFiles }) {
      const byStack = Map.groupBy(all, ({ stack }) => stack);
      const names = new Set([...ledger.names(), ...byStack.keys()]);
      const stacks = [...names].map((name) => {
        const memory = memoryOf(name);
        const containers = (byStack.get(name) ?? []).map((container) =>
          asRemembered(
            isFetched(container.image) ? withTagAsNoted(container, memory.record) : container,
            memory.record,
          ),
        );
        return [name, { ...memory, containers, changedFiles: changedFiles.get(name) ?? [] }] as const;
      });
      return { stacks: new Map(stacks), missingImages };
    },
  };
}

/** Told that somebody stopped it, it stays so until it runs: events of before this agent's start are heard no more. */
function asRemembered(container: SeenContainer, record: StackRecord | null): SeenContainer {
  const isTold = record?.drift.some(({ kind, container: name }) => kind === 'stopped' && name === container.name);
  return isTold && container.state === 'exited' ? { ...container, isStopAsked: true } : container;
}

function withTagAsNoted(container: SeenContainer, record: StackRecord | null): SeenContainer {
  const noted = Object.values(record?.applied ?? {}).find(({ id }) => id === container.id);
  return noted === undefined ? container : { ...container, taggedId: noted.taggedId };
}
