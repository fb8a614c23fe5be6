// Deploying: a new stack, or a change to one. A plan first, if wanted; a fault in the compose text is shown with its line.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { planStack, putStack } from '../api/changes.ts';
import { faultLine, Problem } from '../api/problem.ts';
import { stack as stackQuery } from '../api/queries.ts';
import type { StackSpec } from '../api/shapes.ts';
import { Loading } from '../parts/empty.tsx';
import { ProblemPage, ProblemView } from '../parts/problem-view.tsx';
import { ComposeField } from './compose-field.tsx';
import { type Draft, draftOf, EMPTY_DRAFT, specOf } from './draft.ts';
import { GitFields, OriginChoice } from './git-fields.tsx';
import { PlanDialog } from './plan-dialog.tsx';
import { RolloutFields } from './rollout-fields.tsx';
import { SecretsFields } from './secrets-fields.tsx';
import { rolloutWords } from './setting-words.ts';
import { TargetsFields } from './targets-fields.tsx';

function Part({ title, aside, children }: { title: string; aside: string; children: ReactNode }) {
  return (
    <details className="group border-t border-line pt-3">
      <summary className="flex min-h-6 items-baseline gap-2">
        <span aria-hidden="true" className="text-ink-3 group-open:rotate-90">
          ▸
        </span>
        <span className="font-medium">{title}</span>
        <span className="min-w-0 flex-1 truncate text-ink-3">{aside}</span>
      </summary>
      <div className="pt-3">{children}</div>
    </details>
  );
}

function NameField({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  return (
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
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

function EnvironmentField({ draft, onChange }: { draft: Draft; onChange: (patch: Partial<Draft>) => void }) {
  return (
    <label className="label">
      <span>
        Environment <span className="font-normal text-ink-3">as in a .env file</span>
      </span>
      <textarea
        className="field"
        rows={4}
        value={draft.environment}
        placeholder={'TAG=1.27\nPORT=8080'}
        spellCheck={false}
        onChange={(event) => onChange({ environment: event.target.value })}
      />
    </label>
  );
}

function DeployForm({ name: fixedName, spec }: { name: string | null; spec: StackSpec | null }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState(fixedName ?? '');
  const [draft, setDraft] = useState<Draft>(spec === null ? EMPTY_DRAFT : draftOf(spec));
  const change = (patch: Partial<Draft>) => setDraft((held) => ({ ...held, ...patch }));
  const plan = useMutation({ mutationFn: () => planStack(name.trim(), specOf(draft, spec)) });
  const deploy = useMutation({
    mutationFn: () => putStack(name.trim(), specOf(draft, spec)),
    onSuccess: async ({ changed, deployment }) => {
      plan.reset();
      if (!changed || deployment === null) return;
      await navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } });
      void cache.invalidateQueries({ queryKey: ['stacks'] });
      void cache.invalidateQueries({ queryKey: ['stack', name.trim()] });
    },
  });
  const isBusy = plan.isPending || deploy.isPending;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    deploy.reset();
    // Enter in a field plans: to deploy takes the button that says so.
    if (submitter?.getAttribute('value') === 'deploy') deploy.mutate();
    else plan.mutate();
  };
  const error = deploy.error ?? plan.error;
  const line = error instanceof Problem ? faultLine(error) : null;
  const isPlanned = plan.data !== undefined;
  return (
    <>
      <form onSubmit={submit} className="px-5 pb-8">
        <header className="sticky top-0 z-10 -mx-5 mb-1 flex flex-wrap items-center justify-between gap-4 bg-paper px-5 py-3">
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
            <button type="submit" value="plan" className="button" disabled={isBusy}>
              {plan.isPending ? 'Planning …' : 'Plan'}
            </button>
            <button type="submit" value="deploy" className="button button-main" disabled={isBusy}>
              {deploy.isPending ? 'Deploying …' : 'Deploy'}
            </button>
          </div>
        </header>
        {error && !isPlanned && (
          <div className="mb-4">
            <ProblemView error={error} />
          </div>
        )}
        {deploy.data?.changed === false && (
          <p role="status" className="mb-4 rounded-lg border border-line-strong px-4 py-2.5 text-ink-2">
            Nothing to do: revision {deploy.data.revision} is exactly this.
          </p>
        )}
        <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_400px]">
          <div className="min-w-0 space-y-3">
            <OriginChoice draft={draft} onChange={change} />
            {draft.from === 'text' ? (
              <ComposeField value={draft.compose} faultLine={line} onChange={(compose) => change({ compose })} />
            ) : (
              <GitFields draft={draft} onChange={change} />
            )}
          </div>
          <div className="min-w-0 space-y-4">
            {fixedName === null && <NameField name={name} onChange={setName} />}
            <TargetsFields draft={draft} onChange={change} />
            <EnvironmentField draft={draft} onChange={change} />
            <Part
              title="Secrets"
              aside={draft.secrets.length === 0 ? 'none' : draft.secrets.map(({ name: each }) => each).join(', ')}
            >
              <SecretsFields draft={draft} onChange={change} />
            </Part>
            <Part title="Rollout and drift" aside={rolloutWords(specOf(draft, spec).strategy)}>
              <RolloutFields draft={draft} onChange={change} />
            </Part>
          </div>
        </div>
      </form>
      {plan.data && (
        <PlanDialog
          plan={plan.data}
          busy={deploy.isPending}
          error={deploy.error}
          onDeploy={() => deploy.mutate()}
          onClose={() => {
            plan.reset();
            deploy.reset();
          }}
        />
      )}
    </>
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
