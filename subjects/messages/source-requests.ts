// What the scheduler is asked about where stacks come from: git repositories and registries.
import { request } from '../define.ts';
import * as source from '../schema/source.ts';
import { ByName } from '../schema/stack.ts';

export const sourceRequests = {
  syncStack: request('overseer.int.scheduler.sync-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: source.SyncStack,
    output: source.SyncStackAnswer,
    audited: true,
    doc: "Look at a stack's git source and registries now; deploys what moved as its policies say.",
  }),
  gitHook: request('overseer.int.scheduler.git-hook', {
    from: ['gateway'],
    to: 'scheduler',
    input: source.GitHook,
    output: source.GitHookAnswer,
    audited: true,
    doc: "A forge says that a repository changed. Checked by the stack's own webhook secret.",
  }),
  webhookSecret: request('overseer.int.scheduler.webhook-secret', {
    from: ['gateway'],
    to: 'scheduler',
    input: ByName,
    output: source.WebhookSecret,
    audited: false,
    doc: "The address and secret to give a forge for a stack's webhook.",
  }),
} as const;
