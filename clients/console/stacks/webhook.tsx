// What a forge is given so that a push counts at once. Asked for only when somebody wants it, kept no longer than it is
// shown; the secret is shown on a further word.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { webhook } from '../api/queries.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { FactsList } from '../parts/facts-list.tsx';
import { ProblemView } from '../parts/problem-view.tsx';

function Opened({ stack }: { stack: string }) {
  const { data, error, refetch } = useQuery(webhook(stack));
  const [isShown, setShown] = useState(false);
  if (error) return <ProblemView error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="text-ink-3">Asking for it …</p>;
  return (
    <>
      <FactsList
        facts={[
          [
            'Address',
            <span key="address" className="flex flex-wrap items-center gap-2">
              <code className="min-w-0 font-mono text-mono break-all select-all">{data.url}</code>
              <CopyButton text={data.url} what="the address" />
            </span>,
          ],
          [
            'Secret',
            <span key="secret" className="flex flex-wrap items-center gap-2">
              {isShown ? (
                <code className="min-w-0 font-mono text-mono break-all select-all">{data.secret}</code>
              ) : (
                <span aria-hidden="true">••••••••</span>
              )}
              <button type="button" className="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
                {isShown ? 'Hide secret' : 'Show secret'}
              </button>
              <CopyButton text={data.secret} what="the secret" />
            </span>,
          ],
        ]}
      />
      <p className="hint">
        For GitHub, Gitea and Forgejo it is the secret of the hook, for GitLab its token. Only pushes are needed.
      </p>
    </>
  );
}

export function Webhook({ stack }: { stack: string }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="space-y-3 border-t border-line pt-3">
      <button type="button" className="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Close webhook' : 'Webhook'}
      </button>
      {open && <Opened stack={stack} />}
    </div>
  );
}
