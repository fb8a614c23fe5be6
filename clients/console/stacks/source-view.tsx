// Where a stack comes from: repository, commit, the last look, and a look now.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { syncStack } from '../api/changes.ts';
import type { StackDetail } from '../api/shapes.ts';
import { Age } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { FactsList, Section } from '../parts/facts-list.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { pollWords } from './setting-words.ts';
import { Webhook } from './webhook.tsx';

function Commit({ commit }: { commit: string | null }) {
  if (commit === null) return <span className="text-ink-3">none yet</span>;
  return (
    <code className="font-mono text-mono" title={commit}>
      {commit.slice(0, 12)}
    </code>
  );
}

export function SourceView({ stack }: { stack: StackDetail }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const look = useMutation({
    mutationFn: () => syncStack(stack.name),
    onSuccess: async ({ deployment, changed }) => {
      await cache.invalidateQueries({ queryKey: ['stack', stack.name] });
      if (changed && deployment !== null)
        await navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } });
    },
  });
  const { source } = stack.spec;
  const state = stack.source;
  const looksAtImages = stack.spec.images !== undefined && stack.spec.images.policy !== 'off';
  const button =
    source !== undefined || looksAtImages ? (
      <span className="flex items-center gap-3">
        <span role="status" className="text-ink-2 empty:hidden">
          {look.data?.changed === false ? plain(look.data.reason ?? 'Nothing has moved') : ''}
        </span>
        <button type="button" className="button" disabled={look.isPending} onClick={() => look.mutate()}>
          {look.isPending ? 'Looking …' : 'Sync now'}
        </button>
      </span>
    ) : null;
  return (
    <Section title="Source" aside={button}>
      <div className="panel space-y-3 p-4">
        {source === undefined ? (
          <p className="text-ink-2">The compose text was sent; it is kept in the core.</p>
        ) : (
          <FactsList
            facts={[
              [
                'Repository',
                <code key="repository" className="font-mono text-mono">
                  {source.repository}
                </code>,
              ],
              ['Ref', source.ref],
              ['Path', source.path ?? 'the repository’s root'],
              ['Deployed commit', <Commit key="commit" commit={state?.commit ?? null} />],
              ['Newest seen', <Commit key="seen" commit={state?.seen ?? null} />],
              ['Last check', state?.checkedAt ? <Age key="at" at={state.checkedAt} suffix=" ago" /> : 'not yet'],
              ['Looked at', pollWords(source)],
              ['Credential', source.credential ?? 'none'],
            ]}
          />
        )}
        {state?.error && (
          <p
            role="alert"
            className="rounded-md border border-bad bg-bad-soft px-3 py-2 break-words whitespace-pre-wrap"
          >
            {plain(state.error)}
          </p>
        )}
        {source !== undefined && <Webhook stack={stack.name} />}
        {look.error && <ProblemView error={look.error} />}
      </div>
    </Section>
  );
}
