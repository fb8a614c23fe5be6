// What a stack is made of: compose text, environment, further files.
import type { StackSpec } from '../api/shapes.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { FactsList, Section } from '../parts/facts-list.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';

function Text({ label, text }: { label: string; text: string }) {
  const lines = text.replace(/\n$/, '').split('\n');
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

export function Specification({ spec }: { spec: StackSpec }) {
  const environment = Object.entries(spec.env ?? {});
  return (
    <div className="min-w-0 space-y-6">
      <Section title="compose.yaml" aside={<CopyButton text={spec.compose ?? ''} what="the compose text" />}>
        <Text label="Compose text" text={spec.compose ?? ''} />
      </Section>
      {environment.length > 0 && (
        <Section title="Environment">
          <div className="panel p-4 font-mono text-mono">
            <FactsList facts={environment} />
          </div>
        </Section>
      )}
      {Object.entries(spec.files ?? {}).map(([path, text]) => (
        <Section key={path} title={path}>
          <Text label={path} text={text} />
        </Section>
      ))}
    </div>
  );
}
