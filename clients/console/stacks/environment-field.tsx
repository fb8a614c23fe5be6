// Values for the variables in the compose text, as in a .env file; a line that can't be read is named before it is sent.
import { useId } from 'react';
import { envTextFault } from '#clients/sdk/env-text.ts';
import { useValidity } from '../parts/validity.ts';
import type { Draft } from './draft.ts';

export function EnvironmentField({ draft, onChange }: { draft: Draft; onChange: (patch: Partial<Draft>) => void }) {
  const id = useId();
  const found = envTextFault(draft.environment);
  const fault = found === null ? null : `L${found.slice(1)}.`;
  const field = useValidity<HTMLTextAreaElement>(fault);
  return (
    <div>
      <label className="label">
        <span>
          Environment <span className="font-normal text-ink-3">as in a .env file</span>
        </span>
        <textarea
          ref={field}
          className="field"
          rows={4}
          value={draft.environment}
          placeholder={'TAG=1.27\nGREETING="hello # world"'}
          spellCheck={false}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : id}
          onChange={(event) => onChange({ environment: event.target.value })}
        />
      </label>
      {fault !== null && (
        <p id={id} className="hint mt-1 text-bad">
          {fault}
        </p>
      )}
    </div>
  );
}
