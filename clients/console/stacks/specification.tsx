// What a stack is made of: compose text, environment, further files.
import { linesOf } from '#clients/sdk/line-diff.ts';
import type { StackDetail } from '../api/shapes.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { FactsList, Section } from '../parts/facts-list.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';

function Text({ label, text }: { label: string; text: string }) {
  const lines = linesOf(text);
  return (
    <ScrollArea label={label} className="panel max-h-[62dvh] py-2">
      <pre className="font-mono text-mono">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <span key={at} className="grid grid-cols-[44px_1fr]">
            <span aria-hidden="true" className="pr-3 text-right text-ink-3 select-none">
              {at + 1}
            </span>
            <span className="pr-4 whitespace-pre">{line === '' ? ' ' : line}</span>
          </span>
        ))}
      </pre>
    </ScrollArea>
  );
}

export function Specification({ stack }: { stack: StackDetail }) {
  const { spec, compose } = stack;
  const environment = Object.entries(spec.env ?? {});
  const files = Object.entries(spec.files ?? {});
  const from = spec.source === undefined ? '' : `, from ${spec.source.path ?? 'the repository’s root'}`;
  return (
    <div
      className={`grid grid-cols-[minmax(0,1fr)] items-start gap-6 ${environment.length > 0 ? 'xl:grid-cols-[minmax(0,1fr)_380px]' : ''}`}
    >
      <div className="min-w-0 space-y-6">
        <Section title={`compose.yaml${from}`} aside={<CopyButton text={compose} what="the compose text" />}>
          {compose === '' ? (
            <p className="panel px-4 py-3 text-ink-3">The repository was not read yet.</p>
          ) : (
            <Text label="Compose text" text={compose} />
          )}
        </Section>
        {files.map(([path, text]) => (
          <Section key={path} title={path}>
            <Text label={path} text={text} />
          </Section>
        ))}
      </div>
      {environment.length > 0 && (
        <Section title="Environment">
          <div className="panel p-4 font-mono text-mono">
            <FactsList facts={environment} />
          </div>
        </Section>
      )}
    </div>
  );
}
