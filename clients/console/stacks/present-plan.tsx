// What the present revision would still change: what a node that came back, or a hand-made change, has left to do.
import { useMutation } from '@tanstack/react-query';
import { planPresent } from '../api/changes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { PlanDialog } from './plan-dialog.tsx';

export function PresentPlan({ stack }: { stack: string }) {
  const plan = useMutation({ mutationFn: () => planPresent(stack) });
  return (
    <>
      <button type="button" className="button" disabled={plan.isPending} onClick={() => plan.mutate()}>
        {plan.isPending ? 'Planning …' : 'Plan'}
      </button>
      {plan.data && <PlanDialog plan={plan.data} onClose={() => plan.reset()} />}
      {plan.error && (
        <Dialog title={`Plan for ${stack}`} onClose={() => plan.reset()}>
          <ProblemView error={plan.error} onRetry={() => plan.mutate()} />
        </Dialog>
      )}
    </>
  );
}
