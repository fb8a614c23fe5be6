// Which secrets a stack uses, and in which versions it gets them.
import { type ComposeModel, externalSecrets } from '#infra/compose/model.ts';
import { readCompose } from '#infra/compose/text.ts';
import { OverseerError } from '#subjects/errors.ts';
import { SecretName } from '#subjects/schema/secret.ts';
import type { Content, UsedSecret } from '../specification.ts';
import type { Em } from '../store/rows.ts';
import { presentVersions } from '../store/secrets.ts';

/** As Compose's own model says it, from the main text alone: what its `include`s bring is not seen. */
function externalIn(text: string): Map<string, string> {
  const { content } = readCompose(text, 'compose.yaml');
  const declared = (content as { secrets?: unknown } | null)?.secrets;
  const found = new Map<string, string>();
  if (typeof declared !== 'object' || declared === null) return found;
  for (const [key, secret] of Object.entries(declared)) {
    const { external, name } = (secret ?? {}) as { external?: unknown; name?: unknown };
    if (external === true) found.set(key, typeof name === 'string' ? name : key);
  }
  return found;
}

function checkName(name: string, path: string): void {
  const parsed = SecretName.safeParse(name);
  if (parsed.success) return;
  const why = parsed.error.issues[0]?.message ?? 'is not valid';
  throw new OverseerError('invalid-name', `the name of secret "${name.slice(0, 100)}" ${why}`, { fields: { path } });
}

/**
 * With the top-level Compose secrets that are `external` and that the specification does not list.
 * @param model null when Docker Compose is not there to say what the text means
 * @throws OverseerError `invalid-name`, `compose-malformed`
 */
export function withExternalSecrets(content: Content, model: ComposeModel | null): Content {
  const external = model === null ? externalIn(content.compose) : externalSecrets(model);
  const unlisted = [...external].filter(([name]) => !Object.hasOwn(content.secrets, name));
  if (unlisted.length === 0) return content;
  for (const [name, secret] of unlisted) {
    checkName(name, `secrets.${name}`);
    checkName(secret, `secrets.${name}.name`);
  }
  const added = unlisted.map(([name, secret]): [string, UsedSecret] => [
    name,
    { secret, services: null, environment: null },
  ]);
  return { ...content, secrets: { ...content.secrets, ...Object.fromEntries(added) } };
}

/** Names of the secrets themselves, each once. */
export function secretNames({ secrets }: Content): string[] {
  return [...new Set(Object.values(secrets ?? {}).map(({ secret }) => secret))].sort();
}

/**
 * The present version of each secret that is used. The caller holds the placement lock.
 * @throws OverseerError `secret-not-found`
 */
export async function secretVersions(em: Em, content: Content): Promise<Record<string, number>> {
  const names = secretNames(content);
  const present = await presentVersions(em, names);
  const missing = names.find((name) => !present.has(name));
  if (missing === undefined) return Object.fromEntries(present);
  throw new OverseerError('secret-not-found', `the stack uses secret "${missing}", which is not set`, {
    fields: { secret: missing },
  });
}
