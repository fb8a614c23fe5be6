// Pure: values for `${...}` as the `.env` file that Compose reads. A file, so that no value of a stack reaches the
// environment of the tool itself.

/** Double quotes keep every character but these, which Compose would read as an end, an escape or a variable. */
export function dotenv(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}="${escaped(value)}"\n`)
    .join('');
}

function escaped(value: string): string {
  return value
    .replace(/[\\"$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
}
