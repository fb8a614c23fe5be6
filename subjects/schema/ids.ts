// The alphabets of every name that becomes a subject token, a path or a project name. A name that does not match is
// refused, never repaired: repaired names alias each other.
import * as z from 'zod/mini';

/** 130 random bits in base32, made by the core. Also the NATS user name of a node. */
export const ID_PATTERN = /^[a-z2-7]{26}$/;
/** One token of a subject. */
export const TOKEN_PATTERN = /^[a-z0-9-]{1,63}$/;
export const STACK_NAME_PATTERN = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const LABEL_KEY_PATTERN = /^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/;
const LABEL_VALUE_PATTERN = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$|^$/;

export const Id = z.string().check(z.regex(ID_PATTERN, 'must be 26 characters of a-z and 2-7'));
export const StackName = z.string().check(z.regex(STACK_NAME_PATTERN, 'must match [a-z0-9][a-z0-9_-]{0,62}'));
export const NodeName = z
  .string()
  .check(z.regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/, 'must match [a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?'));

export const LabelKey = z.string().check(z.regex(LABEL_KEY_PATTERN, 'label key outside [a-z0-9._/-]'));
export const LabelValue = z.string().check(z.regex(LABEL_VALUE_PATTERN, 'label value outside [A-Za-z0-9._-]'));
/** At most 64 labels. */
export const Labels = z
  .record(LabelKey, LabelValue)
  .check(z.refine((labels) => Object.keys(labels).length <= 64, 'at most 64 labels'));

export const Timestamp = z.iso.datetime();
export const Generation = z.int().check(z.minimum(0));
/** SHA-256 in hex. */
export const Hash = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex'));
/** An NKey user's public form. */
export const NodeKey = z.string().check(z.regex(/^U[A-Z2-7]{55}$/, 'must be a public user NKey'));

export type Id = z.infer<typeof Id>;
export type Labels = z.infer<typeof Labels>;
