// Where a stack comes from in git, in place of a text.
import { GIT_PATH, GIT_REF } from '../api/names.ts';
import { NumberField } from '../parts/number-field.tsx';
import { CredentialSelect } from './credential-select.tsx';
import type { Draft, GitDraft } from './draft.ts';

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

export function OriginChoice({ draft, onChange }: Props) {
  return (
    <fieldset className="flex flex-wrap items-center gap-x-5">
      <legend className="sr-only">Where the stack comes from</legend>
      {(['text', 'git'] as const).map((from) => (
        <label key={from} className="flex h-6 items-center gap-2">
          <input
            type="radio"
            name="from"
            className="size-4 accent-accent"
            checked={draft.from === from}
            onChange={() => onChange({ from })}
          />
          {from === 'text' ? 'Compose text' : 'Git repository'}
        </label>
      ))}
    </fieldset>
  );
}

export function GitFields({ draft, onChange }: Props) {
  const { git } = draft;
  const change = (patch: Partial<GitDraft>) => onChange({ git: { ...git, ...patch } });
  return (
    <div className="max-w-2xl space-y-4">
      <label className="label">
        <span>Repository</span>
        <input
          className="field font-mono text-mono"
          required
          value={git.repository}
          placeholder="https://git.example.com/team/stacks.git"
          maxLength={2048}
          spellCheck={false}
          onChange={(event) => change({ repository: event.target.value })}
        />
      </label>
      <div className="grid gap-4 sm:grid-cols-2">
        <label className="label">
          <span>Branch, tag or commit</span>
          <input
            className="field font-mono text-mono"
            required
            {...GIT_REF}
            value={git.ref}
            spellCheck={false}
            onChange={(event) => change({ ref: event.target.value })}
          />
        </label>
        <label className="label">
          <span>
            Path <span className="font-normal text-ink-3">of the folder or compose file</span>
          </span>
          <input
            className="field font-mono text-mono"
            {...GIT_PATH}
            value={git.path}
            placeholder="the repository’s root"
            spellCheck={false}
            onChange={(event) => change({ path: event.target.value })}
          />
        </label>
        <CredentialSelect label="Credential" value={git.credential} onChange={(credential) => change({ credential })} />
        <NumberField
          label="Look every, seconds"
          min={0}
          max={86_400}
          placeholder="300; 0 for never"
          value={git.everySeconds}
          onType={(text) => change({ everySeconds: text })}
        />
      </div>
      <p className="hint">
        The core fetches it, pins the commit, and deploys again only when this path has changed. The credential is a
        secret:
        <code className="font-mono"> user:password</code> or a token for https, a private key for ssh.
      </p>
    </div>
  );
}
