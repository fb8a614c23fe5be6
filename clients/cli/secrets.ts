// The secrets there are; their values are nobody's to read.
import { type Api, bodyOf, everyItem, type Schemas } from '#clients/sdk/client.ts';

export type Secret = Schemas['Secret'];

export function allSecrets(api: Api): Promise<Secret[]> {
  return everyItem((cursor) =>
    bodyOf(api.GET('/api/secrets', { params: { query: { limit: 1000, ...(cursor === null ? {} : { cursor }) } } })),
  );
}
