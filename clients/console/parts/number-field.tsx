// A number with its label, typed as text until it is sent: empty means "as usual".
import type { ComponentProps } from 'react';

interface Props extends Omit<ComponentProps<'input'>, 'type' | 'value' | 'onChange' | 'className'> {
  readonly label: string;
  readonly value: string;
  readonly onType: (text: string) => void;
}

export function NumberField({ label, onType, ...input }: Props) {
  return (
    <label className="label">
      <span>{label}</span>
      <input {...input} className="field" type="number" onChange={({ target }) => onType(target.value)} />
    </label>
  );
}
