// Who may speak on the bus, and in which account. One account a service: whoever must not harm another, does not share
// an account with it, because a reply subject borrows the rights of whoever answers.

export const SERVICES = ['registry', 'scheduler', 'logs', 'audit', 'gateway'] as const;
export type Service = (typeof SERVICES)[number];

export const READER_ROLES = ['reader', 'reader-audit'] as const;
export const PRINCIPALS = [
  'node',
  ...SERVICES,
  ...READER_ROLES,
  'provisioner',
  'reader-provisioner',
  'claims',
] as const;
export type Principal = (typeof PRINCIPALS)[number];

export const ACCOUNTS = [
  'STORE',
  'FLEET',
  'REGISTRY',
  'SCHEDULER',
  'LOGS',
  'AUDIT',
  'GATEWAY',
  'READERS',
  'SYS',
] as const;
export type Account = (typeof ACCOUNTS)[number];

const ACCOUNT_OF: Record<Principal, Account> = {
  node: 'FLEET',
  registry: 'REGISTRY',
  scheduler: 'SCHEDULER',
  logs: 'LOGS',
  audit: 'AUDIT',
  gateway: 'GATEWAY',
  reader: 'READERS',
  'reader-audit': 'READERS',
  provisioner: 'STORE',
  'reader-provisioner': 'STORE',
  claims: 'SYS',
};

export function accountOf(principal: Principal): Account {
  return ACCOUNT_OF[principal];
}

export function isService(principal: string): principal is Service {
  return (SERVICES as readonly string[]).includes(principal);
}

/**
 * Principals of which many log in, each under its own name. All others have one name: the principal's. The provisioner of
 * readers logs in under the name of the reader whose durable it makes or removes, and may touch no other.
 */
export function isNamed(principal: Principal): boolean {
  return principal === 'node' || principal.startsWith('reader');
}

/** Reader names begin with `r-`: they name durables, and must never be able to name a service's. */
export const READER_NAME_PATTERN = /^r-[a-z0-9-]{1,61}$/;
