// `npm run generate`: writes what is derived from the contract and kept in the repository. A test says when it is not
// current.
import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { asyncApiDocument } from '#subjects/asyncapi.ts';
import { referenceText } from '#subjects/reference.ts';

const root = new URL('../../', import.meta.url);

/** Text of each generated file by its path from the root. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  const header = '# Written by `npm run generate` from the contract; changes made here are lost.\n';
  const asyncapi = stringify(asyncApiDocument(version), { lineWidth: 120, aliasDuplicateObjects: false });
  return { 'subjects/SUBJECTS.md': referenceText(), 'subjects/asyncapi.yaml': header + asyncapi };
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generatedFiles())) {
    writeFileSync(new URL(path, root), text);
    console.log(path);
  }
}
