// `npm run generate`: writes what is derived from the contract and the routes and kept in the repository. Tests say when it
// is not current. A tool, not a part: it may look into every room.
import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { generateSdk } from '#clients/sdk/generate.ts';
import { openapiDocument } from '#services/gateway/openapi/write.ts';
import { asyncApiDocument } from '#subjects/asyncapi.ts';
import { referenceText } from '#subjects/reference.ts';

const root = new URL('../../', import.meta.url);

/** What the contract alone says: text of each file by its path from the root. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };
  const header = '# Written by `npm run generate` from the contract; changes made here are lost.\n';
  const asyncapi = stringify(asyncApiDocument(version), { lineWidth: 120, aliasDuplicateObjects: false });
  return { 'subjects/SUBJECTS.md': referenceText(), 'subjects/asyncapi.yaml': header + asyncapi };
}

if (import.meta.main) {
  const openapi = await openapiDocument();
  const files = {
    ...generatedFiles(),
    'docs/openapi.json': openapi,
    'clients/sdk/generated/api.ts': generateSdk(openapi),
  };
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(new URL(path, root), text);
    console.log(path);
  }
}
