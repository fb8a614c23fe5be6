// Going back to an earlier revision, after a question: what it was becomes the newest; volumes stay as they are.
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { rollbackStack } from '../api/changes.ts';
import { deploymentsOf, stack as stackQuery } from '../api/queries.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { lastGood } from './revision-words.ts';

interface Props {
  stack: string;
  revision: number;
  onClose: () => void;
}

export function RollbackDialog({ stack, revision, onClose }: Props) {
  const navigate = useNavigate();
  const back = useMutation({
    mutationFn: () => rollbackStack(stack, revision),
    onSuccess: ({ changed, deployment }) => {
      if (changed && deployment !== null)
        void navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } });
    },
  });
  return (
    <Dialog title={`Roll ${stack} back to revision ${revision}`} onClose={onClose}>
      <div className="space-y-4">
        <p className="text-ink-2">
          What revision {revision} was becomes the newest revision and is deployed to the stack’s nodes. Volumes and
          what they hold stay as they are.
        </p>
        {back.data?.changed === false && <p role="status">Nothing to do: exactly this is the newest revision.</p>}
        {back.error && <ProblemView error={back.error} />}
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button button-main"
            disabled={back.isPending || back.isSuccess}
            onClick={() => back.mutate()}
          >
            {back.isPending ? 'Rolling back …' : 'Roll back'}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

/** Offered where the newest revision was deployed, when there is a good one before it. */
export function RollbackButton({ stack, from }: { stack: string; from: number }) {
  const [open, setOpen] = useState(false);
  const { data: current } = useQuery(stackQuery(stack));
  const { data: deployments } = useQuery(deploymentsOf(stack));
  const revision = lastGood(deployments?.items ?? [], from);
  if (revision === null || current?.revision !== from) return null;
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Roll back to revision {revision}
      </button>
      {open && <RollbackDialog stack={stack} revision={revision} onClose={() => setOpen(false)} />}
    </>
  );
}
