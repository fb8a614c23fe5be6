// Where a stack comes from when it is not sent: a path in a git repository, pinned by commit.
import * as z from 'zod/mini';
import { Actor } from './actor.ts';
import { Hash, Id, StackName, Timestamp } from './ids.ts';
import { SecretName } from './secret.ts';

const text = z.string().check(z.maxLength(4096));

export const GitSource = z.strictObject({
  /** https, http, ssh or git; never a local path, never an option. */
  repository: z
    .string()
    .check(
      z.maxLength(2048),
      z.regex(
        /^(?:(?:https?|ssh|git):\/\/[^\s-][^\s]*|[a-z_][a-z0-9_.-]*@[^\s:-][^\s:]*:[^\s]+)$/i,
        'must be a git URL',
      ),
    ),
  /** Branch, tag or full commit. */
  ref: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/, 'must be a branch, a tag or a commit')),
  /** Folder of the stack, or its compose file; the repository's root unless said. */
  path: z.optional(z.string().check(z.regex(/^[A-Za-z0-9._][A-Za-z0-9._/-]{0,254}$/, 'must be a relative path'))),
  /** Name of a secret: `user:password` or a token for http(s), a private key for ssh. */
  credential: z.optional(SecretName),
  /** Between polls; 0: only by webhook or hand. 300 unless said. */
  everySeconds: z.optional(z.int().check(z.minimum(0), z.maximum(86_400))),
});
export type GitSource = z.infer<typeof GitSource>;

export const SourceState = z.strictObject({
  /** The commit that the present revision was made from; null before the first. */
  commit: z.nullable(z.string()),
  /** Newest that was seen on the ref. */
  seen: z.nullable(z.string()),
  /** Of the text at its path when it was last taken up: what is deployed anew is only what differs from it. */
  fetched: z.optional(Hash),
  checkedAt: z.nullable(Timestamp),
  error: z.nullable(text),
});
export type SourceState = z.infer<typeof SourceState>;

/** Host of a registry, with its port when the name of an image has one; `docker.io` for Docker Hub. */
const RegistryHost = z
  .string()
  .check(
    z.maxLength(260),
    z.regex(/^(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/, 'must be a host'),
  );

export const ImagePolicy = z.strictObject({
  /** What to do when a tag names another image in its registry than the one that was deployed. */
  policy: z.enum(['off', 'notify', 'deploy']),
  everySeconds: z.optional(z.int().check(z.minimum(10), z.maximum(604_800))),
  /** Host of a registry -> name of a secret `user:password`, which no other host is ever shown. */
  credentials: z.optional(z.record(RegistryHost, SecretName)),
});
export type ImagePolicy = z.infer<typeof ImagePolicy>;

export const ImageState = z.strictObject({
  service: text,
  /** As the compose text says. */
  image: text,
  /** Digest that is deployed; null when it is not pinned. */
  pinned: z.nullable(text),
  /** Digest that the registry names now. */
  newest: z.nullable(text),
  checkedAt: z.nullable(Timestamp),
  error: z.nullable(text),
});
export type ImageState = z.infer<typeof ImageState>;

export const SyncStack = z.strictObject({ by: Actor, name: StackName });
export type SyncStack = z.infer<typeof SyncStack>;
export const SyncStackAnswer = z.strictObject({
  name: StackName,
  revision: z.int(),
  deployment: z.nullable(Id),
  changed: z.boolean(),
  /** Why nothing of the source was deployed, when it could be looked at. */
  reason: z.optional(text),
  source: z.nullable(SourceState),
  images: z.array(ImageState),
});
export type SyncStackAnswer = z.infer<typeof SyncStackAnswer>;

/** What a forge posts, as it came: the signature covers the body's bytes. */
export const GitHook = z.strictObject({
  name: StackName,
  /** `sha256=<hex>` of HMAC-SHA-256, as GitHub, Gitea and Forgejo send it; or GitLab's plain token. */
  signature: z.nullable(z.string().check(z.maxLength(200))),
  token: z.nullable(z.string().check(z.maxLength(200))),
  /** Base64. */
  body: z.base64().check(z.maxLength(400_000)),
});
export type GitHook = z.infer<typeof GitHook>;
export const GitHookAnswer = z.strictObject({ accepted: z.boolean(), reason: z.nullable(z.string()) });
export type GitHookAnswer = z.infer<typeof GitHookAnswer>;
export const WebhookSecret = z.strictObject({ name: StackName, path: z.string(), secret: z.string() });
export type WebhookSecret = z.infer<typeof WebhookSecret>;
