// Pure: what the operator's and each account's JWT says, computed from the contract's layout and templates.
import type { Layout } from '#subjects/accounts.ts';
import { template } from '#subjects/permissions.ts';
import { type Account, accountOf, PRINCIPALS, type Principal } from '#subjects/principals.ts';
import { STORE_LIMITS } from '#subjects/streams.ts';

/** Public keys: accounts by name, scoped signing keys by principal. */
export interface PublicKeys {
  readonly accounts: Readonly<Record<Account, string>>;
  readonly scoped: Readonly<Record<Principal, string>>;
}

/** Public user key to the time up to which its JWTs are void, in seconds. */
export type Revocations = Readonly<Record<string, number>>;

const NANOSECONDS = 1_000_000_000;

/** Unlimited is said explicitly: what is left out is zero or off. */
const LIMITS = {
  subs: -1,
  data: -1,
  payload: -1,
  imports: -1,
  exports: -1,
  conn: -1,
  wildcards: true,
  leaf: 0,
  disallow_bearer: true,
} as const;

/** STORE alone has JetStream. Without these numbers the server switches it off for the account. */
const JETSTREAM_LIMITS = {
  mem_storage: STORE_LIMITS.memoryBytes,
  disk_storage: STORE_LIMITS.diskBytes,
  streams: STORE_LIMITS.streams,
  consumer: STORE_LIMITS.consumers,
} as const;

/** A user signed without a template may do nothing. */
const NOTHING = { pub: { deny: ['>'] }, sub: { deny: ['>'] } } as const;

function signingKey(principal: Principal, key: string) {
  const { pub, sub, responses, subscriptions, payloadBytes } = template(principal);
  return {
    kind: 'user_scope',
    key,
    role: principal,
    template: {
      pub: { allow: pub },
      sub: { allow: sub },
      ...(responses ? { resp: { max: responses.max, ttl: responses.ttlSeconds * NANOSECONDS } } : {}),
      subs: subscriptions,
      data: -1,
      payload: payloadBytes,
      allowed_connection_types: ['STANDARD'],
    },
  };
}

export function operatorClaims(signingKeys: readonly string[], systemAccount: string) {
  return {
    type: 'operator',
    version: 2,
    signing_keys: signingKeys,
    system_account: systemAccount,
    // Users signed by an account's identity key, which no template binds, are refused altogether.
    strict_signing_key_usage: true,
  } as const;
}

export function accountClaims(account: Account, { exports, imports }: Layout, keys: PublicKeys, revoked: Revocations) {
  return {
    type: 'account',
    version: 2,
    limits: { ...LIMITS, ...(account === 'STORE' ? JETSTREAM_LIMITS : {}) },
    default_permissions: NOTHING,
    exports: exports
      .filter((exported) => exported.account === account)
      .map(({ subject, type, response }) => ({ subject, type, ...(response ? { response_type: response } : {}) })),
    imports: imports
      .filter((imported) => imported.importedBy === account)
      .map(({ account: from, subject, type }) => ({
        subject,
        account: keys.accounts[from],
        type,
        ...(type === 'service' ? { local_subject: subject } : {}),
      })),
    signing_keys: PRINCIPALS.filter((principal) => accountOf(principal) === account).map((principal) =>
      signingKey(principal, keys.scoped[principal]),
    ),
    ...(Object.keys(revoked).length > 0 ? { revocations: revoked } : {}),
  } as const;
}
