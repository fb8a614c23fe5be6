// Labels and environment as text that operators type, and back. Pure.

export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join(' ');
}

/** `env=prod region=eu`, separated by spaces or commas. The gateway judges the alphabet. */
export function parseLabels(text: string): Record<string, string> {
  const pairs = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part): [string, string] => {
      const at = part.indexOf('=');
      return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    });
  return Object.fromEntries(pairs);
}

/** The lines of a .env file: comments and empty lines fall away, values stay as they are. */
export function parseEnvironment(text: string): Record<string, string> {
  const pairs = text
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, string] => {
      const at = line.indexOf('=');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1)];
    });
  return Object.fromEntries(pairs);
}

export function environmentText(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}
