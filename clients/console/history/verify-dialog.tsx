// Is the audit as it was written? Asked of the core, and of the nodes, which hold what it can not rewrite.
import { useEffect, useState } from 'react';
import { messages } from '#clients/sdk/messages.ts';
import { Problem } from '#clients/sdk/problem.ts';
import type { AuditVerification } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { faultWords, verdictWords, witnessWords } from './audit-records.ts';

interface Progress {
  readonly records: number;
  readonly total: number;
}

type State =
  | { readonly kind: 'running'; readonly progress: Progress | null }
  | { readonly kind: 'done'; readonly result: AuditVerification }
  | { readonly kind: 'failed'; readonly error: Error };

async function verify(signal: AbortSignal, tell: (state: State) => void): Promise<void> {
  const address = '/api/audit/verify?agents=true';
  try {
    for await (const { event, data } of messages({ url: '', token: null }, address, { signal })) {
      const told: unknown = JSON.parse(data);
      if (event === 'progress') tell({ kind: 'running', progress: told as Progress });
      else if (event === 'result') return tell({ kind: 'done', result: told as AuditVerification });
      else if (event === 'failed') throw new Error((told as { detail: string }).detail);
    }
  } catch (error) {
    if (!signal.aborted) tell({ kind: 'failed', error: error instanceof Problem ? error : (error as Error) });
  }
}

function Result({ result }: { result: AuditVerification }) {
  const { valid, faults, newest, isRestricted, agents } = result;
  return (
    <div className="space-y-3">
      <div
        role="status"
        className={`rounded-lg border px-4 py-3 ${valid ? 'border-line-strong' : 'border-bad bg-bad-soft text-bad'}`}
      >
        <p className="font-semibold">{verdictWords(result)}</p>
        <p className={valid ? 'text-ink-2' : 'text-ink'}>{witnessWords(result)}</p>
        {agents?.claims.map(({ node, detail }) => (
          <p key={`${node} ${detail}`} className={valid ? 'text-warn' : 'text-ink'}>
            {plain(`Unproved, said by node ${node}: ${detail}`)}
          </p>
        ))}
        {!isRestricted && (
          <p className={valid ? 'text-warn' : 'text-ink'}>
            The audit service could change its table: this database server lets it have no lesser role.
          </p>
        )}
      </div>
      {faults.length > 0 && (
        <ScrollArea label="Faults" className="max-h-60 rounded-lg border border-line">
          <ol className="divide-y divide-line">
            {faults.map((fault) => (
              <li key={faultWords(fault)} className="px-4 py-1.5 break-words">
                {plain(faultWords(fault))}
              </li>
            ))}
          </ol>
        </ScrollArea>
      )}
      {newest !== null && (
        <p className="text-ink-2">
          Newest checkpoint {newest.checkpoint.number}, of {new Date(newest.checkpoint.at).toLocaleString()}. Kept
          elsewhere, it is a witness too:{' '}
          <code className="font-mono text-mono">overseer audit verify --checkpoint</code>
        </p>
      )}
      <div className="flex justify-end">
        <CopyButton text={JSON.stringify(result, null, 2)} what="the result" />
      </div>
    </div>
  );
}

export function VerifyDialog({ onClose }: { onClose: () => void }) {
  const [state, setState] = useState<State>({ kind: 'running', progress: null });
  useEffect(() => {
    const stop = new AbortController();
    void verify(stop.signal, setState);
    return () => stop.abort();
  }, []);
  const progress = state.kind === 'running' ? state.progress : null;
  return (
    <Dialog title="Verify the audit" onClose={onClose} wide>
      {state.kind === 'running' && (
        <div className="space-y-2">
          <p role="status" className="text-ink-2">
            {progress === null
              ? 'Asking the nodes what they hold …'
              : `${progress.records} of ${progress.total} records`}
          </p>
          <progress
            className="w-full accent-accent"
            max={progress?.total}
            value={progress?.records}
            aria-label="Records"
          />
        </div>
      )}
      {state.kind === 'failed' && <ProblemView error={state.error} />}
      {state.kind === 'done' && <Result result={state.result} />}
    </Dialog>
  );
}
