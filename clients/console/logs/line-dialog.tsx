// All of one line or gap, and where to go from it.
import type { ReactNode } from 'react';
import { textOf } from '#clients/sdk/log-spans.ts';
import { gapAmount, gapReason, sourceOf } from '#clients/sdk/log-words.ts';
import type { LogItem } from '#clients/sdk/logs.ts';
import { plain } from '../parts/ansi.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FactsList } from '../parts/facts-list.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';

interface Props {
  item: LogItem;
  node: string;
  onAround: (id: string, at: string) => void;
  onClose: () => void;
}

/** Programs that write JSON mean it to be read in parts. */
function unfolded(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function LineDialog({ item, node, onAround, onClose }: Props) {
  const at = item.type === 'line' ? item.at : (item.to ?? item.from);
  const own: [string, ReactNode][] =
    item.type === 'line'
      ? [
          [
            'Time',
            <time key="time" dateTime={item.at} className="font-mono text-mono">
              {item.at}
            </time>,
          ],
          ['Stream', item.stream],
        ]
      : [
          ['Missing', gapAmount(item)],
          ['Why', `${gapReason(item)} (${item.reason})`],
          ['Line before', item.from],
          ['Line after', item.to],
        ];
  return (
    <Dialog title={item.type === 'line' ? 'Line' : 'Missing lines'} onClose={onClose} wide>
      <div className="space-y-4">
        <FactsList
          facts={[
            ...own,
            ['Node', plain(node)],
            ['Service', plain(sourceOf(item))],
            ['Container', `${plain(item.containerName)} (${item.container.slice(0, 12)})`],
            ['Deployment', item.deployment],
          ]}
        />
        {item.type === 'line' && (
          <ScrollArea label="Text" className="max-h-[45dvh] rounded-lg border border-line bg-rail p-3">
            <pre className="font-mono text-mono break-words whitespace-pre-wrap">
              {plain(unfolded(textOf(item.text)))}
            </pre>
          </ScrollArea>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {at !== null && (
            <button type="button" className="button" onClick={() => onAround(item.id, at)}>
              Show what was around it
            </button>
          )}
          <CopyButton text={item.type === 'line' ? item.text : JSON.stringify(item)} what="the line" />
        </div>
      </div>
    </Dialog>
  );
}
