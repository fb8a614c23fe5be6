// What is held of each log file, and what is missing.
import { useQuery } from '@tanstack/react-query';
import { gapAmount, sourceOf } from '#clients/sdk/log-words.ts';
import type { LogCoverage } from '#clients/sdk/logs.ts';
import { logCoverage } from '../api/queries.ts';
import { plain } from '../parts/ansi.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Loading } from '../parts/empty.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { bytes } from '../parts/words.ts';
import { missingWords, type PartKind, partsOf, unknownWords } from './coverage-words.ts';
import { filterOf, type LogSearch } from './log-search.ts';

const FILL: Readonly<Record<PartKind, string>> = { held: 'bg-ink-3', gap: 'bg-warn', unknown: 'bg-line-strong' };

function Bar({ file }: { file: LogCoverage }) {
  return (
    <div aria-hidden="true" className="relative h-2 overflow-hidden rounded-full bg-line">
      {partsOf(file).map(({ kind, from, width }) => (
        <span
          key={`${kind} ${from}`}
          className={`absolute inset-y-0 ${FILL[kind]}`}
          style={{ left: `${from}%`, width: `${width}%` }}
        />
      ))}
    </div>
  );
}

function File({ file, node }: { file: LogCoverage; node: string }) {
  const missing = missingWords(file);
  const unknown = unknownWords(file);
  return (
    <li className="space-y-1.5 px-4 py-3">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{plain(`${node} ${sourceOf(file)}`)}</span>
        <span className="text-ink-3">
          {gapAmount({ rows: file.lines })}, {bytes(file.bytes)}
        </span>
        <span className="ml-auto text-label text-ink-3">
          {file.firstAt !== null && new Date(file.firstAt).toLocaleString()}
          {file.lastAt !== null && ` – ${new Date(file.lastAt).toLocaleString()}`}
        </span>
      </p>
      <Bar file={file} />
      {missing.map((words) => (
        <p key={words} className="text-warn first-letter:uppercase">
          {words}
        </p>
      ))}
      {unknown !== null && <p className="text-ink-3">{unknown}</p>}
      {missing.length === 0 && unknown === null && <p className="text-ink-3">Nothing is missing.</p>}
    </li>
  );
}

interface Props {
  search: LogSearch;
  nameOf: (node: string) => string;
  onClose: () => void;
}

export function CoverageDialog({ search, nameOf, onClose }: Props) {
  const { data, error, refetch } = useQuery(logCoverage(filterOf(search)));
  return (
    <Dialog title="What is held" onClose={onClose} wide>
      {error && <ProblemView error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading what="what is held" />}
      {data?.length === 0 && <p className="text-ink-2">No log of a container is held.</p>}
      {data !== undefined && data.length > 0 && (
        <ScrollArea label="Log files" className="max-h-[65dvh] rounded-lg border border-line">
          <ul className="divide-y divide-line">
            {data.map((file) => (
              <File key={`${file.node} ${file.container} ${file.file}`} file={file} node={nameOf(file.node)} />
            ))}
          </ul>
        </ScrollArea>
      )}
    </Dialog>
  );
}
