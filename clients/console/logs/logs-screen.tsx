// What all containers say.
import { LogViewer } from './log-viewer.tsx';

export function LogsScreen() {
  return <LogViewer title={<h1 className="text-title font-semibold">Logs</h1>} />;
}
