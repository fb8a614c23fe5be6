// Forgetting a secret. While a stack uses it there is nothing to confirm, only the stacks to see.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { removeSecret } from '../api/changes.ts';
import type { Secret } from '../api/shapes.ts';
import { Dialog } from '../parts/dialog.tsx';
import { RemovalDialog } from '../parts/removal-dialog.tsx';
import { plural } from '../parts/words.ts';

function InUse({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  return (
    <Dialog title={`Delete ${secret.name}`} onClose={onClose}>
      <div className="space-y-4">
        <p>
          It can’t be deleted: {plural(secret.stacks.length, 'stack uses', 'stacks use')} it. Take it out of{' '}
          {secret.stacks.length === 1 ? 'that stack' : 'those stacks'} first.
        </p>
        <ul aria-label="Stacks that use it" className="panel divide-y divide-line">
          {secret.stacks.map((name) => (
            <li key={name} className="px-4 py-1.5">
              <Link to="/stacks/$stackName" params={{ stackName: name }} className="link">
                {name}
              </Link>
            </li>
          ))}
        </ul>
        <div className="flex justify-end">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  );
}

export function RemoveSecret({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const cache = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeSecret(secret.name),
    onSuccess: async () => {
      onClose();
      await cache.invalidateQueries({ queryKey: ['secrets'] });
    },
    // Somebody may have begun to use it: then the list says who.
    onError: () => cache.invalidateQueries({ queryKey: ['secrets'] }),
  });
  if (secret.stacks.length > 0) return <InUse secret={secret} onClose={onClose} />;
  return (
    <RemovalDialog
      title={`Delete ${secret.name}`}
      name={secret.name}
      verb="Delete secret"
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>Every sealed copy of it in the core is forgotten. It can not be brought back. No stack uses it.</p>
    </RemovalDialog>
  );
}
