// The command to paste, and a checklist that fills by itself until the node is online.
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { revokeToken } from '../api/changes.ts';
import { enrollmentTokens, nodes } from '../api/queries.ts';
import type { IssuedToken } from '../api/shapes.ts';
import { serverNow, useNow } from '../parts/clock.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Mark } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { duration } from '../parts/words.ts';
import { type Expected, newcomer } from './newcomer.ts';

const LOOK_EVERY_MS = 2000;
const SILENCE_MS = 60_000;

function Item({ done, children }: { done: boolean; children: string }) {
  return (
    <li className={`flex items-center gap-2 ${done ? '' : 'text-ink-3'}`}>
      <Mark state={done ? 'ok' : 'waiting'} />
      {children}
      <span className="sr-only">{done ? ' (done)' : ' (waiting)'}</span>
    </li>
  );
}

function NotSeen() {
  return (
    <div className="rounded-lg border border-warn bg-warn-soft px-4 py-3">
      <p className="font-semibold text-warn">Not seen yet</p>
      <ul className="mt-1 list-disc space-y-0.5 pl-4 text-ink">
        <li>
          Does <code className="font-mono text-mono">npm run -s agent -- doctor</code> on the machine name a fault?
        </li>
        <li>Can the machine reach this address and the bus’s port (4222 unless changed)?</li>
        <li>Is its clock right? A token is refused outside its hours.</li>
      </ul>
    </div>
  );
}

export function WaitForNode({
  token,
  expected,
  onClose,
}: {
  token: IssuedToken;
  expected: Expected;
  onClose: () => void;
}) {
  const now = useNow();
  const [from] = useState(serverNow);
  const { data } = useQuery({ ...nodes, refetchInterval: LOOK_EVERY_MS });
  const { data: tokens } = useQuery({ ...enrollmentTokens, refetchInterval: LOOK_EVERY_MS });
  const revoke = useMutation({ mutationFn: revokeToken, onSuccess: onClose });
  const node = newcomer(data ?? [], expected);
  const isUsed = node !== null || (tokens?.items.some(({ id, used }) => id === token.id && used > 0) ?? false);
  const isOnline = node?.liveness === 'online';
  const left = Date.parse(token.expiresAt) - now;
  return (
    <div className="space-y-4">
      <p className="text-ink-2">Paste this on the machine, in its checkout of Overseer:</p>
      <div className="relative rounded-lg border border-line bg-rail">
        <ScrollArea label="Command" className="max-h-48 p-3 pr-24">
          <pre className="font-mono text-mono break-all whitespace-pre-wrap select-all">{token.command}</pre>
        </ScrollArea>
        <div className="absolute top-2 right-2">
          <CopyButton text={token.command} what="the command" />
        </div>
      </div>
      <ul className="space-y-1.5">
        <Item done>Command made</Item>
        <Item done={isUsed}>{node === null ? 'The agent enrolls' : `Registered as ${node.name}`}</Item>
        <Item done={isOnline}>First heartbeat</Item>
      </ul>
      <p role="status" className="text-[15px] font-semibold empty:hidden">
        {isOnline ? `${node.name} is online` : ''}
      </p>
      {!isOnline && (
        <p className="text-ink-2">
          Waiting {duration(now - from)} ·{' '}
          {left > 0 ? `the command is good for ${duration(left)}` : 'the command has expired'}
        </p>
      )}
      {!isUsed && now - from > SILENCE_MS && <NotSeen />}
      {revoke.error && <ProblemView error={revoke.error} />}
      <div className="flex justify-end gap-2">
        {!isUsed && (
          <button type="button" className="button" onClick={() => revoke.mutate(token.id)} disabled={revoke.isPending}>
            Revoke the command
          </button>
        )}
        <button type="button" className="button" onClick={onClose}>
          {isOnline ? 'Done' : 'Close'}
        </button>
        {node !== null && (
          <Link to="/nodes/$nodeId" params={{ nodeId: node.id }} className="button button-main">
            Open {node.name}
          </Link>
        )}
      </div>
    </div>
  );
}
