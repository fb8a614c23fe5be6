// A secret that opens something: a repository, a registry.
import { useQuery } from '@tanstack/react-query';
import { secrets } from '../api/queries.ts';

interface Props {
  label: string;
  value: string;
  /** One must be chosen. */
  isNeeded?: boolean;
  onChange: (name: string) => void;
}

export function CredentialSelect({ label, value, isNeeded = false, onChange }: Props) {
  const { data } = useQuery(secrets);
  // What is set stays to be seen, whether or not there is such a secret.
  const names = [...new Set([...(data?.items ?? []).map(({ name }) => name), value])].filter((name) => name !== '');
  return (
    <label className="label">
      <span className={isNeeded ? 'column-title' : ''}>{label}</span>
      <select className="field" value={value} required={isNeeded} onChange={(event) => onChange(event.target.value)}>
        <option value="">{isNeeded ? 'Choose …' : 'none'}</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
