// Pure: which services get which secrets as files or variables, from the stack's own Compose model and what the signed
// document says. Compose's long syntax (target, uid, gid, mode) is honoured; file-based Compose secrets stay Compose's.
import type { ComposeModel, ModelService } from '#infra/compose/model.ts';
import { CARRIER } from '#infra/compose/variables.ts';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import type { DesiredSecret } from '#subjects/schema/secret.ts';
import { RelativePath } from '#subjects/schema/stack.ts';

export const SECRETS_TARGET = '/run/secrets';
export const SECRET_FILE_MODE = 0o400;

export interface SecretFile {
  /** As the stack calls it. */
  readonly secret: string;
  /** Below the service's folder. */
  readonly path: string;
  /** Absolute place in the container when that is not below /run/secrets. */
  readonly target: string | null;
  /** Null: the service's own user. */
  readonly uid: number | null;
  readonly gid: number | null;
  readonly mode: number | null;
}

export interface SecretVariable {
  readonly secret: string;
  /** Name in the container. */
  readonly name: string;
  /** Name in the environment of the Compose call, which alone carries the value. */
  readonly carrier: string;
}

export interface ServiceSecrets {
  readonly service: string;
  /** What the model says: a number, a name, both with a group, or nothing. */
  readonly user: string | null;
  readonly image: string | null;
  readonly files: readonly SecretFile[];
  readonly variables: readonly SecretVariable[];
  /** Secrets that Compose mounts itself, below the same folder: each needs an empty file to be mounted on. */
  readonly holders: readonly string[];
  /** What stays of the service's own list of Compose secrets; null: all of it. */
  readonly kept: readonly unknown[] | null;
}

export type SecretUses =
  | { readonly ok: true; readonly services: readonly ServiceSecrets[] }
  | { readonly ok: false; readonly reason: string };

type Stack = Pick<DesiredStack, 'secrets'>;
type Entry = NonNullable<ModelService['secrets']>[number];

class Refused extends Error {}

export function secretUses(model: ComposeModel, stack: Stack): SecretUses {
  try {
    const services = Object.entries(model.services).flatMap(([name, service]) => {
      const uses = serviceSecrets(name, service, model, stack.secrets);
      return uses === null ? [] : [uses];
    });
    return { ok: true, services };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message };
    throw error;
  }
}

function serviceSecrets(
  name: string,
  service: ModelService,
  model: ComposeModel,
  secrets: readonly DesiredSecret[],
): ServiceSecrets | null {
  const entries = service.secrets ?? [];
  const own = secrets.filter((secret) =>
    secret.services === null ? entries.some(({ source }) => source === secret.name) : secret.services.includes(name),
  );
  const isOurs = (entry: Entry) => secrets.some((secret) => secret.name === entry.source);
  const foreign = entries.find((entry) => !isOurs(entry) && model.secrets?.[entry.source]?.external === true);
  if (foreign) throw new Refused(`service ${name} uses the secret ${foreign.source}, which the stack does not have`);
  if (own.length === 0) return null;
  const taken = (service.volumes ?? []).find(({ target }) => target?.replace(/\/+$/, '') === SECRETS_TARGET);
  if (taken) throw new Refused(`service ${name} mounts something of its own at ${SECRETS_TARGET}`);
  const files = own.flatMap((secret) => {
    const named = entries.filter(({ source }) => source === secret.name);
    return named.length > 0 ? named.map((entry) => secretFile(name, entry)) : [plainFile(secret.name)];
  });
  const kept = entries.filter((entry) => !isOurs(entry));
  const holders = kept.map((entry) => placeOf(name, entry)).flatMap(({ path, target }) => (target ? [] : [path]));
  const paths = [...files.flatMap(({ path, target }) => (target ? [] : [path])), ...holders];
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice) throw new Refused(`service ${name} has two secrets at ${SECRETS_TARGET}/${twice}`);
  const variables = own.flatMap(({ name: secret, environment }) =>
    environment === null ? [] : [{ secret, name: environment, carrier: carrierOf(secret, secrets) }],
  );
  const user = service.user === undefined || service.user === '' ? null : String(service.user);
  return {
    service: name,
    user,
    image: service.image ?? null,
    files,
    variables,
    holders,
    kept: kept.length === entries.length ? null : kept,
  };
}

/** By its place among all of them, so that the text stays the same as long as they do. */
function carrierOf(secret: string, secrets: readonly DesiredSecret[]): string {
  const names = secrets.map(({ name }) => name).toSorted();
  return `${CARRIER}${names.indexOf(secret)}`;
}

function plainFile(secret: string): SecretFile {
  return { secret, path: secret, target: null, uid: null, gid: null, mode: null };
}

function secretFile(service: string, entry: Entry): SecretFile {
  const mode = typeof entry.mode === 'string' ? Number.parseInt(entry.mode, 8) : (entry.mode ?? null);
  if (mode !== null && !(mode >= 0 && mode <= 0o777)) {
    throw new Refused(`service ${service} gives the secret ${entry.source} the mode ${entry.mode}`);
  }
  const uid = numeric(service, entry, 'uid');
  return { secret: entry.source, ...placeOf(service, entry), uid, gid: numeric(service, entry, 'gid'), mode };
}

function numeric(service: string, entry: Entry, key: 'uid' | 'gid'): number | null {
  const text = entry[key];
  if (text === undefined || text === '') return null;
  if (!/^\d{1,9}$/.test(text)) throw new Refused(`service ${service}: ${key} of ${entry.source} must be a number`);
  return Number(text);
}

function placeOf(service: string, { source, target }: Entry): { path: string; target: string | null } {
  const wanted = target ?? source;
  const below = wanted.startsWith(`${SECRETS_TARGET}/`) ? wanted.slice(SECRETS_TARGET.length + 1) : wanted;
  if (below.startsWith('/')) return { path: below.slice(1).replaceAll('/', '.'), target: below };
  if (RelativePath.safeParse(below).success) return { path: below, target: null };
  throw new Refused(`service ${service} puts the secret ${source} at ${wanted}, which is outside ${SECRETS_TARGET}`);
}
