// Where keys, account JWTs and credentials lie in $OVERSEER_DATA/nats. Seeds are files of mode 0600, each read by the one
// process that needs it.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { OverseerError } from '#subjects/errors.ts';
import { ACCOUNTS, type Account, accountOf, type Principal } from '#subjects/principals.ts';

const Named = z.strictObject({ id: z.string(), jwt: z.string() });
const AccountFile = z.strictObject({ operator: Named, accounts: z.record(z.enum(ACCOUNTS), Named) });
export type AccountFile = z.infer<typeof AccountFile>;

export function vault(data: string) {
  const root = join(data, 'nats');
  return {
    root,
    accounts: join(root, 'accounts.json'),
    operatorSeed: join(root, 'offline', 'operator.seed'),
    accountSeed: (account: Account) => join(root, 'offline', `${account.toLowerCase()}.seed`),
    operatorSigningSeed: join(root, 'keys', 'operator-signing.seed'),
    scopedSeed: (principal: Principal) => join(root, 'keys', `${accountOf(principal).toLowerCase()}-${principal}.seed`),
    credential: (principal: Principal) => join(root, 'creds', `${principal}.json`),
    ca: join(root, 'ca.crt'),
    caKey: join(root, 'ca.key'),
    certificate: join(root, 'server.crt'),
    certificateKey: join(root, 'server.key'),
    config: join(root, 'server.conf'),
    resolver: join(root, 'resolver'),
    jetstream: join(root, 'jetstream'),
    pid: join(root, 'server.pid'),
  } as const;
}
export type Vault = ReturnType<typeof vault>;

/** Whole or not at all, readable by the owner alone. */
export function writeSecret(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, text, { mode: 0o600, flush: true });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}

export function readSeed(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

export function readAccounts(files: Vault): AccountFile | null {
  if (!existsSync(files.accounts)) return null;
  const parsed = z.safeParse(AccountFile, JSON.parse(readFileSync(files.accounts, 'utf8')));
  if (!parsed.success) throw new OverseerError('internal', `${files.accounts} is damaged; restore it from a backup`);
  return parsed.data;
}

export function writeAccounts(files: Vault, accounts: AccountFile): void {
  writeSecret(files.accounts, `${JSON.stringify(accounts, null, 2)}\n`);
}
