// What the containers on one node say.
import { useMemo } from 'react';
import { LogViewer } from '../logs/log-viewer.tsx';

export function LogsOfNode({ node }: { node: string }) {
  const fixed = useMemo(() => ({ node }), [node]);
  return (
    <div className="panel -mt-1 h-[calc(100dvh-190px)] min-h-96 overflow-hidden">
      <LogViewer fixed={fixed} title={<h2 className="section-title">Logs</h2>} />
    </div>
  );
}
