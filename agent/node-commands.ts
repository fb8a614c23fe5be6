// What the node does at each command that is about its stacks and images.
import { OverseerError } from '#subjects/errors.ts';
import type { CommandActions } from './commands.ts';
import type { EngineTools } from './engine-tools.ts';
import { startImageUpkeep } from './image-upkeep.ts';
import { type ActionParts, startActions } from './stacks/actions.ts';
import type { StackLoop } from './stacks/loop.ts';

interface Around extends Omit<ActionParts, 'restart'> {
  readonly node: string;
  readonly loop: StackLoop;
}

export interface NodeCommands {
  readonly answers: Pick<CommandActions, 'act' | 'preview' | 'projects'>;
  stop(): Promise<void>;
}

export function nodeCommands(tools: EngineTools | null, around: Around): NodeCommands {
  const { node, loop, document, recorder, log, now } = around;
  if (tools === null) {
    const refuse = () => {
      throw new OverseerError('conflict', 'this agent has no engine of its own to do that with');
    };
    const later = async () => refuse();
    return { answers: { act: refuse, preview: later, projects: later }, stop: async () => {} };
  }
  const actions = startActions({ ...around, restart: tools.restart });
  const upkeep = startImageUpkeep({
    ...{ node, recorder, log, now, engine: tools.images },
    kept: () => loop.keptImages(),
    config: () => document()?.config ?? null,
  });

  function isManaged(project: string): boolean {
    const isLeaving = loop.view().stacks.some(({ name, phase }) => name === project && phase === 'removing');
    return isLeaving || (document()?.stacks.some(({ name }) => name === project) ?? false);
  }

  return {
    answers: {
      act(action) {
        if (action.kind !== 'prune') return actions.act(action);
        if (document()?.config.paused) {
          throw new OverseerError('conflict', 'this node is paused: nothing is changed on it');
        }
        upkeep.prune(action.images);
      },
      preview: (stack) => tools.preview(stack, () => loop.observed()),
      projects: (project) => tools.projects(project, isManaged),
    },
    async stop() {
      await Promise.all([actions.stop(), upkeep.stop()]);
    },
  };
}
