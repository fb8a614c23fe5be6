// The one file that changes accounts on a running server: derives, validates, pushes, verifies, and pushes back what was
// there before when nobody can log in afterwards. Holds the operator's signing key while it does so.
import type { NatsConnection } from '@nats-io/transport-node';
import { newId } from '#infra/ids.ts';
import type { Logger } from '#infra/logger.ts';
import { layout } from '#subjects/accounts.ts';
import { OverseerError } from '#subjects/errors.ts';
import { template } from '#subjects/permissions.ts';
import { ACCOUNTS, type Account, accountOf, isNamed, PRINCIPALS, type Principal } from '#subjects/principals.ts';
import { READER_DAYS_MAX } from '#subjects/schema/reader.ts';
import type { PublicKeys, Revocations } from './account-claims.ts';
import { claimsFaults, pruned } from './claims-check.ts';
import { openConnection } from './connection.ts';
import { credentialOf, loadCredential, mintUser, newUserKey } from './credentials.ts';
import { accountJwt, revocationsIn } from './identities.ts';
import { decodeJwt } from './jwt.ts';
import { keyFromSeed } from './keys.ts';
import { type AccountFile, readAccounts, readSeed, type Vault, vault, writeAccounts } from './vault.ts';

const PUSH_TIMEOUT_MS = 10_000;
const PROBE_LIFE_MS = 60_000;
const DAY_SECONDS = 24 * 3600;
/** Longer than any credential of the account lives: then its own expiry keeps it out. */
const LONGEST_LIFE_SECONDS = { FLEET: 2 * DAY_SECONDS, READERS: (READER_DAYS_MAX + 1) * DAY_SECONDS } as const;
/** Accounts in which strangers live. */
export type Revocable = keyof typeof LONGEST_LIFE_SECONDS;

export interface AccountClaims {
  /**
   * Voids every credential of these keys that was issued until now, and cuts their live connections. Resolves when the
   * server has it. A credential issued later for the same key is good again.
   */
  revoke(publicKeys: readonly string[], at?: Date, account?: Revocable): Promise<void>;
  /** Gives the server accounts as the contract yields them now; revocations stay. */
  push(accounts: readonly Account[]): Promise<void>;
  close(): Promise<void>;
}

export interface ClaimsOptions {
  readonly data: string;
  readonly servers: readonly string[];
  readonly ca: string;
  readonly log: Logger;
}

function stored(files: Vault): AccountFile {
  const accounts = readAccounts(files);
  if (accounts === null) throw new OverseerError('unavailable', `no accounts in ${files.root}`);
  return accounts;
}

/** Public keys as the account JWTs name them: no other seed than the operator's signing key is needed. */
function publicKeys(file: AccountFile): PublicKeys {
  const scoped: Partial<Record<Principal, string>> = {};
  for (const { jwt } of Object.values(file.accounts)) {
    const keys = decodeJwt(jwt)?.nats['signing_keys'] as { role: Principal; key: string }[] | undefined;
    for (const { role, key } of keys ?? []) scoped[role] = key;
  }
  const accounts = Object.fromEntries(ACCOUNTS.map((account) => [account, file.accounts[account].id]));
  return { accounts, scoped } as PublicKeys;
}

async function send(nc: NatsConnection, account: Account, jwt: string): Promise<void> {
  const answer = await nc.request(template('claims').pub[0] as string, jwt, { timeout: PUSH_TIMEOUT_MS });
  const { data, error } = answer.json<{ data?: { code: number }; error?: { description: string } }>();
  if (data?.code !== 200) {
    throw new OverseerError('unavailable', `account ${account} was not taken: ${error?.description ?? 'no reason'}`);
  }
}

/** Somebody who can log in to the account; most accounts have one user, whose credential is on file. */
function probeOf(files: Vault, file: AccountFile, account: Account) {
  const principal = PRINCIPALS.find((name) => accountOf(name) === account) as Principal;
  if (!isNamed(principal) && principal !== 'provisioner') {
    return { principal, name: principal, credential: loadCredential(files.credential(principal)) };
  }
  const name = principal === 'node' ? newId() : principal === 'provisioner' ? principal : 'r-probe';
  const { seed, publicKey } = newUserKey();
  const expiresAt = new Date(Date.now() + PROBE_LIFE_MS);
  const scopedSeed = readSeed(files.scopedSeed(principal));
  const jwt = mintUser({ principal, accountId: file.accounts[account].id, scopedSeed, name, publicKey, expiresAt });
  return { principal, name, credential: credentialOf(jwt, seed) };
}

export async function connectClaims(options: ClaimsOptions): Promise<AccountClaims> {
  const { servers, ca, log } = options;
  const files = vault(options.data);
  const principal: Principal = 'claims';
  const credential = loadCredential(files.credential(principal));
  const nc = await openConnection({ principal, name: principal, servers, ca, credential });

  async function probe(file: AccountFile, account: Account): Promise<void> {
    const connection = await openConnection({ ...probeOf(files, file, account), servers, ca });
    await connection.close();
  }

  async function change(account: Account, revise: (revocations: Revocations) => Revocations): Promise<void> {
    const before = stored(files);
    const keys = publicKeys(before);
    const revocations = revise(revocationsIn(before.accounts[account].jwt));
    const signer = keyFromSeed(readSeed(files.operatorSigningSeed));
    const jwt = accountJwt(account, keys, signer, revocations);
    const expected = { account, layout: layout(), keys, issuer: signer.publicKey, revocations };
    const faults = claimsFaults(decodeJwt(jwt), expected);
    if (faults.length > 0) throw new OverseerError('internal', `account ${account}: ${faults.join('; ')}`);
    const entry = { id: keys.accounts[account], jwt };
    const after: AccountFile = { ...before, accounts: { ...before.accounts, [account]: entry } };
    // Kept first: a revocation must hold after the next start even when we end before the server has heard of it.
    writeAccounts(files, after);
    await send(nc, account, jwt);
    try {
      await probe(after, account);
    } catch (error) {
      log.error({ account, err: error }, 'nobody can log in after the change, the account before it is put back');
      writeAccounts(files, before);
      await send(nc, account, before.accounts[account].jwt);
      throw new OverseerError('internal', `account ${account} was put back: nobody could log in`, { cause: error });
    }
  }

  // One change after the other: each builds on what the one before has written.
  let last: Promise<void> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };

  return {
    revoke: (keys, at = new Date(), account = 'FLEET') =>
      inTurn(() => {
        const until = Math.floor(at.getTime() / 1000);
        const added = Object.fromEntries(keys.map((key) => [key, until]));
        return change(account, (known) => pruned({ ...known, ...added }, until, LONGEST_LIFE_SECONDS[account]));
      }),
    push: (accounts) =>
      inTurn(async () => {
        for (const account of accounts) await change(account, (known) => known);
      }),
    close: () => nc.close(),
  };
}
