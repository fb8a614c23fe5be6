// TCP connections of a process as the kernel tells them: the witness for "the connection is cut".
import { readFileSync } from 'node:fs';

const ESTABLISHED = '01';

/** Local ports of established connections to `remotePort`, in the network namespace of process `pid`. */
export function connectionsTo(pid: number, remotePort: number): number[] {
  const hex = remotePort.toString(16).toUpperCase().padStart(4, '0');
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[2]?.endsWith(`:${hex}`) && columns[3] === ESTABLISHED)
      .map((columns) => Number.parseInt(columns[1]?.split(':')[1] ?? '0', 16)),
  );
}
