// What is done when a tag names another image in its registry than the one that was deployed, and how registries let us in.
import { REGISTRY_HOST } from '../api/names.ts';
import { NumberField } from '../parts/number-field.tsx';
import { useValidity } from '../parts/validity.ts';
import { CredentialSelect } from './credential-select.tsx';
import type { Draft, ImagesDraft, LoginDraft } from './draft.ts';

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

const POLICIES: readonly (readonly [ImagesDraft['policy'], string])[] = [
  ['off', 'are not looked for'],
  ['notify', 'are told'],
  ['deploy', 'are deployed'],
];

interface LoginProps {
  login: LoginDraft;
  isTwice: boolean;
  onChange: (login: LoginDraft) => void;
  onRemove: () => void;
}

function Login({ login, isTwice, onChange, onRemove }: LoginProps) {
  const host = useValidity<HTMLInputElement>(isTwice ? 'This registry has a login already.' : null);
  const of = login.host === '' ? 'the new registry' : login.host;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-2 px-3 py-2.5">
      <label className="label col-span-2">
        <span className="column-title">Registry</span>
        <input
          ref={host}
          className="field font-mono text-mono"
          required
          {...REGISTRY_HOST}
          maxLength={260}
          placeholder="registry.example.com"
          value={login.host}
          spellCheck={false}
          onChange={(event) => onChange({ ...login, host: event.target.value })}
        />
      </label>
      <CredentialSelect
        label="Secret"
        isNeeded
        value={login.secret}
        onChange={(secret) => onChange({ ...login, secret })}
      />
      <button type="button" className="button button-quiet" aria-label={`Remove login of ${of}`} onClick={onRemove}>
        Remove
      </button>
    </li>
  );
}

export function ImageFields({ draft, onChange }: Props) {
  const { images } = draft;
  const { logins } = images;
  const change = (patch: Partial<ImagesDraft>) => onChange({ images: { ...images, ...patch } });
  const isOff = images.policy === 'off';
  return (
    <div className="space-y-4">
      <div className="grid grid-cols-2 gap-3">
        <label className="label">
          <span>When a tag moves, images</span>
          <select
            className="field"
            value={images.policy}
            onChange={({ target }) =>
              change({ policy: POLICIES.find(([each]) => each === target.value)?.[0] ?? 'off' })
            }
          >
            {POLICIES.map(([policy, words]) => (
              <option key={policy} value={policy}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <NumberField
          label="Look for them every, seconds"
          min={10}
          max={604_800}
          disabled={isOff}
          placeholder="as usual"
          value={images.everySeconds}
          onType={(text) => change({ everySeconds: text })}
        />
      </div>
      {logins.length > 0 && (
        <ul className="panel divide-y divide-line" aria-label="Logins of registries">
          {logins.map((login, at) => (
            <Login
              // biome-ignore lint/suspicious/noArrayIndexKey: its host is being typed
              key={at}
              login={login}
              isTwice={logins.some(({ host }, place) => place !== at && host === login.host)}
              onChange={(changed) => change({ logins: logins.with(at, changed) })}
              onRemove={() => change({ logins: logins.toSpliced(at, 1) })}
            />
          ))}
        </ul>
      )}
      <button
        type="button"
        className="button"
        disabled={isOff}
        onClick={() => change({ logins: [...logins, { host: '', secret: '' }] })}
      >
        Add a registry’s login
      </button>
      <p className="hint">
        Each tag is pinned to the image it names when it is deployed. A login is a secret
        <code className="font-mono"> user:password</code>, and only the registry it is for is shown it.
      </p>
    </div>
  );
}
