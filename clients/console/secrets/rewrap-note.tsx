// Mode `strict`: nobody but the holder of the recovery identity seals for a node that waits. Here is how.
import type { Secret } from '../api/shapes.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { plural } from '../parts/words.ts';
import { rewrapCommand } from './secret-words.ts';

/** More are told by the one command that seals them all. */
const NAMED = 5;

function Command({ name }: { name: string | null }) {
  const command = rewrapCommand(name);
  return (
    <span className="flex flex-wrap items-center gap-2">
      <code className="min-w-0 font-mono text-mono break-all select-all">{command}</code>
      <CopyButton text={command} what={name === null ? 'the command for all' : `the command for ${name}`} />
    </span>
  );
}

export function RewrapNote({ secrets }: { secrets: readonly Secret[] }) {
  const waiting = secrets.filter((secret) => secret.waiting.length > 0);
  if (waiting.length === 0) return null;
  return (
    <div className="border-t border-line pt-2">
      <p className="text-warn">
        {plural(waiting.length, 'secret is', 'secrets are')} not sealed yet for nodes that need{' '}
        {waiting.length === 1 ? 'it' : 'them'}. Whoever holds the recovery identity runs
      </p>
      {waiting.length > NAMED ? (
        <Command name={null} />
      ) : (
        <ul className="mt-1 space-y-1" aria-label="Commands that seal what waits">
          {waiting.map(({ name }) => (
            <li key={name}>
              <Command name={name} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
