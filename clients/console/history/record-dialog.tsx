// The whole of one event or audit record, as JSON.
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';

export function RecordDialog({ title, record, onClose }: { title: string; record: unknown; onClose: () => void }) {
  const text = JSON.stringify(record, null, 2);
  return (
    <Dialog title={title} onClose={onClose} wide>
      <ScrollArea label="JSON" className="max-h-[60dvh] rounded-lg border border-line bg-rail p-3">
        <pre className="font-mono text-mono">{text}</pre>
      </ScrollArea>
      <div className="mt-3 flex justify-end">
        <CopyButton text={text} what="the JSON" />
      </div>
    </Dialog>
  );
}
