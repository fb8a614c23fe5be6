// Theme, density and shortcuts of this browser.
import { type PreferenceName, prefer, usePreference } from './preferences.ts';

const CHOICES: readonly { name: PreferenceName; title: string; values: readonly (readonly [string, string])[] }[] = [
  {
    name: 'theme',
    title: 'Theme',
    values: [
      ['system', 'System'],
      ['light', 'Light'],
      ['dark', 'Dark'],
    ],
  },
  {
    name: 'density',
    title: 'Rows',
    values: [
      ['auto', 'By width'],
      ['compact', 'Compact'],
      ['comfortable', 'Roomy'],
    ],
  },
  {
    name: 'shortcuts',
    title: 'Single-key shortcuts',
    values: [
      ['on', 'On'],
      ['off', 'Off'],
    ],
  },
];

function Choice({ name, title, values }: (typeof CHOICES)[number]) {
  const chosen = usePreference(name);
  return (
    <fieldset>
      <legend className="column-title mb-1">{title}</legend>
      <div className="flex rounded-md border border-line-strong p-0.5">
        {values.map(([value, words]) => (
          <label
            key={value}
            className="flex h-6 flex-1 cursor-pointer items-center justify-center rounded px-2 whitespace-nowrap text-ink-2 has-checked:bg-hover has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={name}
              value={value}
              checked={chosen === value}
              onChange={() => prefer(name, value)}
              className="sr-only"
            />
            {words}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function Preferences() {
  return (
    <div className="w-60 space-y-3">
      {CHOICES.map((choice) => (
        <Choice key={choice.name} {...choice} />
      ))}
    </div>
  );
}
