import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 26 characters of base32, 130 random bits: id of a node, a deployment, a boot, a command, a request. */
export function newId(): string {
  let id = '';
  for (const byte of randomBytes(26)) id += ALPHABET[byte & 31];
  return id;
}
