// What went wrong and what can be done: title, detail, trace id, retry.
import { issuesOf, Problem } from '#clients/sdk/problem.ts';
import { faultLine } from '../api/problem.ts';
import { plain } from './ansi.ts';

const LOCAL = { title: 'The console stumbled', code: 'console' };

function words(error: Error): { title: string; detail: string; code: string; traceId: string | null } {
  if (!(error instanceof Problem)) return { ...LOCAL, detail: error.message, traceId: null };
  const line = faultLine(error);
  const said = plain(error.message);
  // Where no document came, both say the same.
  const own = said.toLowerCase() === error.title.toLowerCase() ? '' : said;
  const detail = line === null || /\bline\b/i.test(own) ? own : `Line ${line}: ${own}`;
  return { title: error.title, detail, code: error.code, traceId: error.traceId };
}

interface Props {
  error: Error;
  onRetry?: () => void;
  /** It is all there is on the page. */
  isPage?: boolean;
}

export function ProblemView({ error, onRetry, isPage = false }: Props) {
  const { title, detail, code, traceId } = words(error);
  const Title = isPage ? 'h1' : 'p';
  const issues = error instanceof Problem ? issuesOf(error) : [];
  return (
    <div role="alert" className="rounded-lg border border-bad bg-bad-soft px-4 py-3">
      <Title className="font-semibold text-bad">{title}</Title>
      {issues.length > 0 ? (
        <ul className="mt-0.5 space-y-0.5 text-ink">
          {issues.map(({ path, message }) => (
            <li key={`${path} ${message}`} className="break-words">
              {path !== '' && <code className="font-mono text-mono">{path} </code>}
              {message}
            </li>
          ))}
        </ul>
      ) : (
        detail !== '' && <p className="mt-0.5 whitespace-pre-wrap break-words text-ink">{detail}</p>
      )}
      <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2 font-mono text-[11px] text-ink-2">
        <span>{code}</span>
        {traceId !== null && <span className="select-all">trace {traceId}</span>}
        {onRetry && (
          <button type="button" className="button font-sans text-[13px]" onClick={onRetry}>
            Try again
          </button>
        )}
      </p>
    </div>
  );
}

/** The whole page's content when nothing could be loaded. */
export function ProblemPage({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div className="mx-auto w-full max-w-xl px-4 pt-16">
      <ProblemView error={error} onRetry={onRetry} isPage />
    </div>
  );
}
