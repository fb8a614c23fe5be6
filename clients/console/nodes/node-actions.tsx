// What an operator can do to a node.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { configureNode, removeNode, rotateCredential } from '../api/changes.ts';
import type { Node, NodeConfig } from '../api/shapes.ts';
import { Menu } from '../parts/menu.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { RemovalDialog } from '../parts/removal-dialog.tsx';
import { plural } from '../parts/words.ts';
import { NodeSettings } from './node-settings.tsx';
import { PruneImages } from './prune-images.tsx';

export function NodeActions({ node, stacks }: { node: Node; stacks: number }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'settings' | 'removal' | 'prune' | null>(null);
  const refresh = () =>
    Promise.all([['nodes'], ['node', node.id]].map((queryKey) => cache.invalidateQueries({ queryKey })));
  const configure = useMutation({
    mutationFn: (config: NodeConfig) => configureNode(node.id, config),
    onSuccess: refresh,
  });
  const rotate = useMutation({ mutationFn: () => rotateCredential(node.id), onSuccess: refresh });
  const remove = useMutation({
    mutationFn: () => removeNode(node.id),
    onSuccess: async () => {
      await navigate({ to: '/nodes' });
      cache.removeQueries({ queryKey: ['node', node.id] });
      await cache.invalidateQueries({ queryKey: ['nodes'] });
    },
  });
  const failed = configure.error ?? rotate.error;
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {failed && <ProblemView error={failed} />}
      <span role="status" className="text-ink-2 empty:hidden">
        {rotate.isSuccess ? 'The node was asked for a new credential' : ''}
      </span>
      <button type="button" className="button" onClick={() => setOpen('settings')}>
        Settings
      </button>
      <button
        type="button"
        className="button"
        disabled={configure.isPending}
        onClick={() => configure.mutate({ drained: !node.drained })}
      >
        {node.drained ? 'End drain' : 'Drain'}
      </button>
      <Menu label="More" title={`More actions for ${node.name}`}>
        {(close) => {
          const item = (words: string, act: () => void, look = '') => (
            <button
              type="button"
              className={`button justify-start ${look}`}
              onClick={() => {
                close();
                act();
              }}
            >
              {words}
            </button>
          );
          return (
            <div className="flex flex-col gap-2">
              {item(node.paused ? 'Go on' : 'Pause', () => configure.mutate({ paused: !node.paused }))}
              {item('Rotate credential', () => rotate.mutate())}
              {item('Prune images …', () => setOpen('prune'))}
              {item('Remove …', () => setOpen('removal'), 'button-bad')}
            </div>
          );
        }}
      </Menu>
      {open === 'settings' && <NodeSettings node={node} onClose={() => setOpen(null)} />}
      {open === 'prune' && <PruneImages node={node} onClose={() => setOpen(null)} />}
      {open === 'removal' && (
        <RemovalDialog
          title={`Remove ${node.name}`}
          name={node.name}
          verb="Remove node"
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setOpen(null)}
        >
          <p>Its credential is revoked and its connection is cut at once. To come back it must enroll again.</p>
          <p className="text-ink">
            <strong className="font-semibold">What keeps running:</strong>{' '}
            {stacks === 0
              ? 'every container on the machine'
              : `the containers of ${plural(stacks, 'stack')} on the machine`}
            , with their volumes and files. Nothing looks after them any more.
          </p>
        </RemovalDialog>
      )}
    </div>
  );
}
