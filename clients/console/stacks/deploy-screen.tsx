// Deploying: a new stack, or a change to one. A fault in the compose text is shown with its line.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { putStack } from '../api/changes.ts';
import { faultLine, Problem } from '../api/problem.ts';
import { stack as stackQuery } from '../api/queries.ts';
import type { StackSpec } from '../api/shapes.ts';
import { Loading } from '../parts/empty.tsx';
import { ProblemPage, ProblemView } from '../parts/problem-view.tsx';
import { ComposeField } from './compose-field.tsx';
import { type Draft, draftOf, EMPTY_DRAFT, specOf } from './draft.ts';
import { TargetsFields } from './targets-fields.tsx';

function DeployForm({ name: fixedName, spec }: { name: string | null; spec: StackSpec | null }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(fixedName ?? '');
  const [draft, setDraft] = useState<Draft>(spec === null ? EMPTY_DRAFT : draftOf(spec));
  const change = (patch: Partial<Draft>) => setDraft((held) => ({ ...held, ...patch }));
  const deploy = useMutation({
    mutationFn: () => putStack(name.trim(), specOf(draft, spec)),
    onSuccess: async ({ changed, deployment }) => {
      if (!changed || deployment === null) return;
      await navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } });
      void cache.invalidateQueries({ queryKey: ['stacks'] });
      void cache.invalidateQueries({ queryKey: ['stack', name.trim()] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    deploy.mutate();
  };
  const line = deploy.error instanceof Problem ? faultLine(deploy.error) : null;
  return (
    <form onSubmit={submit} className="px-5 pt-3 pb-8">
      <header className="mb-4 flex items-center justify-between gap-4">
        <h1 className="text-title font-semibold">{fixedName === null ? 'Deploy a stack' : `Change ${fixedName}`}</h1>
        <div className="flex gap-2">
          {fixedName === null ? (
            <Link to="/stacks" className="button">
              Cancel
            </Link>
          ) : (
            <Link to="/stacks/$stackName" params={{ stackName: fixedName }} className="button">
              Cancel
            </Link>
          )}
          <button type="submit" className="button button-main" disabled={deploy.isPending}>
            {deploy.isPending ? 'Deploying …' : 'Deploy'}
          </button>
        </div>
      </header>
      {deploy.error && (
        <div className="mb-4">
          <ProblemView error={deploy.error} />
        </div>
      )}
      {deploy.data?.changed === false && (
        <p role="status" className="mb-4 rounded-lg border border-line-strong px-4 py-2.5 text-ink-2">
          Nothing to do: revision {deploy.data.revision} is exactly this.
        </p>
      )}
      <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_400px]">
        <ComposeField value={draft.compose} faultLine={line} onChange={(compose) => change({ compose })} />
        <div className="space-y-5">
          {fixedName === null && (
            <label className="label">
              <span>Name</span>
              <input
                className="field"
                required
                value={name}
                placeholder="web"
                pattern="[a-z0-9][a-z0-9_\-]{0,62}"
                title="a-z, 0-9, - and _, at most 63"
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => setName(event.target.value)}
              />
            </label>
          )}
          <TargetsFields draft={draft} onChange={change} />
          <label className="label">
            <span>
              Environment <span className="font-normal text-ink-3">as in a .env file</span>
            </span>
            <textarea
              className="field"
              rows={6}
              value={draft.environment}
              placeholder={'TAG=1.27\nPORT=8080'}
              spellCheck={false}
              onChange={(event) => change({ environment: event.target.value })}
            />
          </label>
        </div>
      </div>
    </form>
  );
}

function ChangeForm({ name }: { name: string }) {
  // What is being edited must not change under the operator's hands.
  const { data, error, refetch } = useQuery({ ...stackQuery(name), refetchInterval: false });
  if (data === undefined && error) return <ProblemPage error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading what="the stack" />;
  return <DeployForm name={name} spec={data.spec} />;
}

export function DeployScreen() {
  const { stack } = useSearch({ from: '/deploy' });
  return stack === undefined ? <DeployForm name={null} spec={null} /> : <ChangeForm key={stack} name={stack} />;
}
