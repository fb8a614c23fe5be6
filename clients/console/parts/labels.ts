// Labels as text that operators type, and back. Pure.

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
