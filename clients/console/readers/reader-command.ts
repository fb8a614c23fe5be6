// The command that makes a reader. Its key is made where it is typed, and never leaves that place. Pure.
export interface ReaderDraft {
  readonly name: string;
  readonly role: 'events' | 'audit';
  /** Names of nodes. */
  readonly nodes: readonly string[];
  readonly days: string;
}

export function readerCommand({ name, role, nodes, days }: ReaderDraft): string {
  const called = name.trim() === '' ? 'NAME' : name.trim();
  return [
    `overseer reader create ${called} --role ${role}`,
    ...(role === 'events' ? nodes.map((node) => `--node ${node}`) : []),
    ...(days.trim() === '' ? [] : [`--days ${days.trim()}`]),
    `--out ${called}.creds`,
  ].join(' ');
}
