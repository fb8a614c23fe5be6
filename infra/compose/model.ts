// Pure: a stack as Compose itself understands it, from `config --format json`: merged, interpolated, complete. Read as what
// it is, a tool's output: only what is needed, everything else left as it stands.
import * as z from 'zod/mini';

const text = z.string();
const named = z.looseObject({ name: z.optional(text), external: z.optional(z.boolean()) });

const MountedVolume = z.looseObject({ type: text, source: z.optional(text), target: z.optional(text) });
const UsedSecret = z.looseObject({
  source: text,
  target: z.optional(text),
  uid: z.optional(text),
  gid: z.optional(text),
  mode: z.optional(z.union([text, z.number()])),
});

export const ModelService = z.looseObject({
  image: z.optional(text),
  user: z.optional(z.union([text, z.number()])),
  pull_policy: z.optional(text),
  secrets: z.optional(z.nullable(z.array(UsedSecret))),
  volumes: z.optional(z.nullable(z.array(MountedVolume))),
});
export type ModelService = z.infer<typeof ModelService>;

const Model = z.looseObject({
  services: z._default(z.record(text, ModelService), {}),
  secrets: z.optional(z.nullable(z.record(text, named))),
  volumes: z.optional(z.nullable(z.record(text, z.nullable(z.looseObject({ driver_opts: z.optional(z.unknown()) }))))),
});
export type ComposeModel = z.infer<typeof Model>;

/** Null when it is no output of `docker compose config --format json`. */
export function readModel(output: string): ComposeModel | null {
  try {
    const parsed = Model.safeParse(JSON.parse(output));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Names of the top-level secrets that Compose does not make itself, with the name each has outside. */
export function externalSecrets({ secrets }: ComposeModel): Map<string, string> {
  const found = Object.entries(secrets ?? {}).filter(([, secret]) => secret.external === true);
  return new Map(found.map(([key, { name }]) => [key, name ?? key]));
}

export function imagesOf({ services }: ComposeModel): Map<string, string> {
  const named = Object.entries(services).flatMap(([service, { image }]) => (image ? [[service, image] as const] : []));
  return new Map(named);
}
