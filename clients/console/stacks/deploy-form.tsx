// The form of a deployment. What is sent is what stands in it now, or exactly what was planned; never on top of a revision
// that nobody here has seen.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Problem } from '#clients/sdk/problem.ts';
import { planStack, putStack } from '../api/changes.ts';
import { STACK_NAME } from '../api/names.ts';
import { faultLine } from '../api/problem.ts';
import type { StackDetail, StackSpec } from '../api/shapes.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { ComposeField } from './compose-field.tsx';
import { type Draft, draftOf, EMPTY_DRAFT } from './draft.ts';
import { specOf } from './draft-spec.ts';
import { FormParts } from './form-parts.tsx';
import { GitFields, OriginChoice } from './git-fields.tsx';
import { type Loaded, LoadedNotice, Moved } from './moved.tsx';
import { PlanDialog } from './plan-dialog.tsx';
import { rebased } from './rebase.ts';

/** What a change is made to. */
export interface Base {
  readonly name: string;
  readonly revision: number;
  readonly spec: StackSpec;
}

export function baseOf({ name, revision, spec }: StackDetail): Base {
  return { name, revision, spec };
}

/** What goes out: with the revision it was written on, and as what it stood in the form. */
interface Sent {
  readonly name: string;
  readonly spec: StackSpec;
  readonly seen: number | null;
  readonly draft: Draft;
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
        {...STACK_NAME}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}

const isMoved = (error: Error | null) => error instanceof Problem && error.code === 'revision-moved';

export function DeployForm({ from }: { from: Base | null }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [base, setBase] = useState(from);
  const [name, setName] = useState(from?.name ?? '');
  const [draft, setDraft] = useState<Draft>(from === null ? EMPTY_DRAFT : draftOf(from.spec));
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const change = (patch: Partial<Draft>) => setDraft((held) => ({ ...held, ...patch }));
  const plan = useMutation({ mutationFn: (sent: Sent) => planStack(sent.name, sent.spec) });
  const deploy = useMutation({
    mutationFn: (sent: Sent) => putStack(sent.name, sent.spec, sent.seen),
    onSuccess: async ({ changed, deployment }, sent) => {
      plan.reset();
      if (!changed) return;
      // A stack from git has no deployment before its repository was read.
      if (deployment === null) await navigate({ to: '/stacks/$stackName', params: { stackName: sent.name } });
      else await navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } });
      void cache.invalidateQueries({ queryKey: ['stacks'] });
      void cache.invalidateQueries({ queryKey: ['stack', sent.name] });
    },
    // A plan on another revision is worth nothing.
    onError: (error) => isMoved(error) && plan.reset(),
  });
  const isBusy = plan.isPending || deploy.isPending;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const sent = {
      name: base?.name ?? name.trim(),
      spec: specOf(draft, base?.spec ?? null),
      seen: base?.revision ?? null,
      draft,
    };
    deploy.reset();
    plan.reset();
    // Enter in a field plans: to deploy takes the button that says so.
    if (submitter?.getAttribute('value') === 'deploy') deploy.mutate(sent);
    else plan.mutate(sent);
  };
  const load = (stack: StackDetail) => {
    const next = baseOf(stack);
    const theirs = draftOf(next.spec);
    const { draft: merged, both } = rebased(base === null ? EMPTY_DRAFT : draftOf(base.spec), draft, theirs);
    setLoaded({ revision: next.revision, both, mine: draft, theirs });
    setDraft(merged);
    setBase(next);
    deploy.reset();
  };
  const error = deploy.error ?? plan.error;
  const line = error instanceof Problem ? faultLine(error) : null;
  const planned = plan.data === undefined ? undefined : plan.variables;
  return (
    <>
      <form onSubmit={submit} className="px-5 pb-8">
        <header className="sticky top-0 z-10 -mx-5 mb-1 flex flex-wrap items-center justify-between gap-4 bg-paper px-5 py-3">
          <h1 className="text-title font-semibold">
            {base === null ? 'Deploy a stack' : `Change ${base.name}`}
            {base !== null && <span className="ml-2 text-[13px] font-normal text-ink-3">revision {base.revision}</span>}
          </h1>
          <div className="flex gap-2">
            {base === null ? (
              <Link to="/stacks" className="button">
                Cancel
              </Link>
            ) : (
              <Link to="/stacks/$stackName" params={{ stackName: base.name }} className="button">
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
        {error && planned === undefined && !isMoved(error) && (
          <div className="mb-4">
            <ProblemView error={error} />
          </div>
        )}
        {isMoved(deploy.error) && deploy.variables && (
          <Moved name={deploy.variables.name} seen={deploy.variables.seen} onLoad={load} />
        )}
        {loaded && deploy.error === null && (
          <LoadedNotice loaded={loaded} draft={draft} onTake={(part, of) => change({ [part]: of[part] })} />
        )}
        {deploy.data?.changed === false && (
          <p role="status" className="mb-4 rounded-lg border border-line-strong px-4 py-2.5 text-ink-2">
            Nothing to do: revision {deploy.data.revision} is exactly this.
          </p>
        )}
        <div className="grid gap-6 xl:grid-cols-[minmax(0,1fr)_400px]">
          <div className="min-w-0 space-y-3 xl:sticky xl:top-[60px] xl:self-start">
            <OriginChoice draft={draft} onChange={change} />
            {draft.from === 'text' ? (
              <ComposeField value={draft.compose} faultLine={line} onChange={(compose) => change({ compose })} />
            ) : (
              <GitFields draft={draft} onChange={change} />
            )}
          </div>
          <div className="min-w-0 space-y-4">
            {base === null && <NameField name={name} onChange={setName} />}
            <FormParts draft={draft} own={base?.name ?? name.trim()} onChange={change} />
          </div>
        </div>
      </form>
      {plan.data && planned && (
        <PlanDialog
          plan={plan.data}
          deploy={{
            isBusy: deploy.isPending,
            error: deploy.error,
            isOlder: planned.draft !== draft || planned.name !== (base?.name ?? name.trim()),
            onDeploy: () => deploy.mutate(planned),
          }}
          onClose={() => {
            plan.reset();
            deploy.reset();
          }}
        />
      )}
    </>
  );
}
