// What the containers of one stack say, wherever they run.
import { useMemo } from 'react';
import { LogViewer } from '../logs/log-viewer.tsx';

export function LogsOfStack({ stack }: { stack: string }) {
  const fixed = useMemo(() => ({ stack }), [stack]);
  return (
    <div className="panel -mt-1 h-[calc(100dvh-190px)] min-h-96 overflow-hidden">
      <LogViewer fixed={fixed} title={<h2 className="section-title">Logs</h2>} />
    </div>
  );
}
