// Taking a stack away from all its nodes.
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { removeStack } from '../api/changes.ts';
import type { StackDetail } from '../api/shapes.ts';
import { RemovalDialog } from '../parts/removal-dialog.tsx';
import { plural } from '../parts/words.ts';

export function Removal({ stack, onClose }: { stack: StackDetail; onClose: () => void }) {
  const navigate = useNavigate();
  const [volumes, setVolumes] = useState(false);
  const remove = useMutation({
    mutationFn: () => removeStack(stack.name, volumes),
    onSuccess: ({ deployment }) => navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } }),
  });
  return (
    <RemovalDialog
      title={`Remove ${stack.name}`}
      name={stack.name}
      verb="Remove stack"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>Its containers and networks on {plural(stack.nodes.length, 'node')} are stopped and removed.</p>
      <p className="text-ink">
        <strong className="font-semibold">What stays:</strong>{' '}
        {volumes
          ? 'other stacks. Named volumes are deleted with all they hold.'
          : 'named volumes with all they hold, and every other stack, which keeps running.'}
      </p>
      <label className="flex items-center gap-2 text-ink">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={volumes}
          onChange={(event) => setVolumes(event.target.checked)}
        />
        Delete its named volumes too
      </label>
    </RemovalDialog>
  );
}
