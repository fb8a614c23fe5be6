// Pure: which Debian mirror this machine uses, read from its own package sources, so that no host is named in the code.

export interface SourcesFile {
  readonly name: string;
  readonly text: string;
}

interface Source {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** The mirror from which the machine's own release comes: never a security archive, never a third party's repository. */
export function debianMirror(files: readonly SourcesFile[], codename: string): string | null {
  const own = new Set([codename, 'stable', 'oldstable', 'testing', 'unstable', 'sid']);
  const sources = files.flatMap(({ name, text }) => (name.endsWith('.sources') ? stanzas(text) : lines(text)));
  const fits = sources.find(({ suites, components }) => components.includes('main') && suites.some((s) => own.has(s)));
  return fits?.uri ?? null;
}

function stanzas(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = fieldsOf(stanza);
    if (fields.get('enabled')?.[0] === 'no' || !fields.get('types')?.includes('deb')) return [];
    const [uri] = fields.get('uris') ?? [];
    if (uri === undefined) return [];
    return [{ uri, suites: fields.get('suites') ?? [], components: fields.get('components') ?? [] }];
  });
}

function fieldsOf(stanza: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let last = '';
  for (const line of stanza.split('\n').filter((each) => !each.startsWith('#'))) {
    const [, name, value] = /^([A-Za-z-]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined) last = name.toLowerCase();
    const words = (value ?? (/^\s/.test(line) ? line : '')).split(/\s+/).filter(Boolean);
    fields.set(last, [...(fields.get(last) ?? []), ...words]);
  }
  return fields;
}

function lines(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const [, uri, suite, components] = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line) ?? [];
    if (uri === undefined || suite === undefined) return [];
    return [{ uri, suites: [suite], components: (components ?? '').trim().split(/\s+/) }];
  });
}
