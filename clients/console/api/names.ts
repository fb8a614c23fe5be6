// The alphabets of names that an operator types, as the contract has them: for the fields of forms, so that a name is not
// refused only after the round trip. The test beside holds them to the contract. Pure.

export interface Alphabet {
  /** For the `pattern` of a field. */
  readonly pattern: string;
  /** In words, for when it does not match. */
  readonly title: string;
}

export const STACK_NAME: Alphabet = {
  pattern: '[a-z0-9][a-z0-9_\\-]{0,62}',
  title: 'a-z, 0-9, - and _, at most 63',
};
export const SECRET_NAME: Alphabet = {
  pattern: '[A-Za-z0-9][A-Za-z0-9_.\\-]{0,62}',
  title: 'letters, digits, -, _ and ., at most 63; a letter or digit first',
};
export const NOTIFICATION_NAME: Alphabet = {
  pattern: '[a-z0-9]([a-z0-9\\-]{0,61}[a-z0-9])?',
  title: 'a-z, 0-9 and -, at most 63',
};
export const READER_NAME: Alphabet = {
  pattern: '[a-z0-9]([a-z0-9\\-]{0,58}[a-z0-9])?',
  title: 'a-z, 0-9 and -, at most 60',
};
export const VARIABLE: Alphabet = {
  pattern: '[A-Za-z_][A-Za-z0-9_]{0,127}',
  title: 'letters, digits and _',
};
/** Several words in one field. */
export const PROFILES: Alphabet = {
  pattern: '[\\s,]*(?:[a-zA-Z0-9][a-zA-Z0-9_.\\-]{0,127}(?:[\\s,]+|$))*',
  title: 'names of letters, digits, _, . and -, separated by spaces',
};
export const BATCH: Alphabet = {
  pattern: '[1-9][0-9]{0,3}|10000|[1-9][0-9]?%|100%',
  title: 'a number, or a share as 25%',
};
export const GIT_REF: Alphabet = {
  pattern: '[A-Za-z0-9][A-Za-z0-9._\\/\\-]{0,254}',
  title: 'a branch, a tag or a commit',
};
export const GIT_PATH: Alphabet = {
  pattern: '[A-Za-z0-9._][A-Za-z0-9._\\/\\-]{0,254}',
  title: 'a path in the repository, without a / at its start',
};

export const REGISTRY_HOST: Alphabet = {
  pattern: '(?:[A-Za-z0-9][A-Za-z0-9.\\-]*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?',
  title: 'a host, with its port if it has one: registry.example.com:5000',
};

/** Why a file of a stack can't be called so; null when it can. */
export function pathFault(path: string): string | null {
  if (path === '') return 'The file needs a name.';
  if (path.length > 255) return 'A name has at most 255 characters.';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\x00-\x1f\x7f\\]/.test(path)) return 'A name has no \\ and no control character.';
  const isInside = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  return isInside ? null : 'It must be a path inside the stack: no / at an end, no . or .. in it.';
}
