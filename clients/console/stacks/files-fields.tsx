// Further files of a stack, beside its compose text: a name and a text each.
import { pathFault } from '../api/names.ts';
import { useValidity } from '../parts/validity.ts';
import type { Draft, FileDraft } from './draft.ts';

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

interface FileProps {
  file: FileDraft;
  isTwice: boolean;
  onChange: (file: FileDraft) => void;
  onRemove: () => void;
}

function FileFields({ file, isTwice, onChange, onRemove }: FileProps) {
  const fault = pathFault(file.path) ?? (isTwice ? 'Another file has this name.' : null);
  const name = useValidity<HTMLInputElement>(fault);
  const called = file.path === '' ? 'the new file' : file.path;
  return (
    <li className="space-y-2 px-3 py-2.5">
      <div className="flex items-end gap-2">
        <label className="label min-w-0 flex-1">
          <span className="column-title">File</span>
          <input
            ref={name}
            className="field font-mono text-mono"
            value={file.path}
            placeholder="conf/app.toml"
            spellCheck={false}
            aria-invalid={file.path !== '' && fault !== null}
            onChange={(event) => onChange({ ...file, path: event.target.value })}
          />
        </label>
        <button type="button" className="button button-quiet" aria-label={`Remove ${called}`} onClick={onRemove}>
          Remove
        </button>
      </div>
      {file.path !== '' && fault !== null && <p className="hint text-bad">{fault}</p>}
      <textarea
        className="field"
        rows={6}
        aria-label={`Text of ${called}`}
        value={file.text}
        spellCheck={false}
        onChange={(event) => onChange({ ...file, text: event.target.value })}
      />
    </li>
  );
}

export function FilesFields({ draft, onChange }: Props) {
  const { files } = draft;
  const put = (changed: readonly FileDraft[]) => onChange({ files: changed });
  return (
    <div className="space-y-2.5">
      {files.length > 0 && (
        <ul className="panel divide-y divide-line" aria-label="Files of the stack">
          {files.map((file, at) => (
            <FileFields
              // biome-ignore lint/suspicious/noArrayIndexKey: its name is being typed
              key={at}
              file={file}
              isTwice={files.some((other, place) => place !== at && other.path === file.path)}
              onChange={(changed) => put(files.with(at, changed))}
              onRemove={() => put(files.toSpliced(at, 1))}
            />
          ))}
        </ul>
      )}
      <button type="button" className="button" onClick={() => put([...files, { path: '', text: '' }])}>
        Add a file
      </button>
      <p className="hint">They lie beside the compose text, which names them by these paths.</p>
    </div>
  );
}
