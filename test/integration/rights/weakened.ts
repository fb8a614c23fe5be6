// Servers that break one rule of the layout each, for the controls: attacks that our own layout withstands must succeed
// here, or the attacks prove nothing.
import { decodeJwt, encodeJwt } from '#infra/nats/jwt.ts';
import { keyFromSeed } from '#infra/nats/keys.ts';
import { prepareServer, type ServerOptions, writeServerFiles } from '#infra/nats/server.ts';
import { type AccountFile, readAccounts, readSeed, vault, writeAccounts } from '#infra/nats/vault.ts';
import { ACCOUNTS, type Account } from '#subjects/principals.ts';
import { A, B } from './stage.ts';

type Nats = Record<string, unknown>;

function nats(file: AccountFile, account: Account): Nats {
  return structuredClone(decodeJwt(file.accounts[account].jwt)?.nats ?? {}) as unknown as Nats;
}

async function prepareWith(
  data: string,
  options: ServerOptions,
  weaken: (file: AccountFile, sign: Sign) => AccountFile,
) {
  const files = vault(data);
  const prepared = await prepareServer(data, options);
  const signer = keyFromSeed(readSeed(files.operatorSigningSeed));
  const sign: Sign = (sub, claims) =>
    encodeJwt({ sub, name: 'weakened', iat: Math.floor(Date.now() / 1000), nats: claims as never }, signer);
  const weakened = weaken(readAccounts(files) as AccountFile, sign);
  writeAccounts(files, weakened);
  writeServerFiles(files, weakened, options);
  return prepared;
}
type Sign = (account: string, claims: Nats) => string;

/** All users in one account that has JetStream, each with the rights of its template. SYS stays apart. */
export function oneAccount(data: string, options: ServerOptions) {
  return prepareWith(data, options, (file, sign) => {
    const shared = nats(file, 'STORE');
    const keys = ACCOUNTS.filter((account) => account !== 'SYS').flatMap(
      (account) => nats(file, account)['signing_keys'],
    );
    const jwt = sign(file.accounts.STORE.id, { ...shared, exports: [], imports: [], signing_keys: keys });
    const entry = { id: file.accounts.STORE.id, jwt };
    const accounts = Object.fromEntries(
      ACCOUNTS.map((account) => [account, account === 'SYS' ? file.accounts.SYS : entry]),
    );
    return { ...file, accounts: accounts as AccountFile['accounts'] };
  });
}

/** Our layout, but FLEET imports by node what it should import by wildcard. */
export function literalImports(data: string, options: ServerOptions) {
  return prepareWith(data, options, (file, sign) => {
    const wildcards = ['overseer.up.*.report', 'overseer.log.*', 'overseer.up.*.heartbeat'];
    const fleet = nats(file, 'FLEET');
    const imports = fleet['imports'] as { subject: string; local_subject?: string }[];
    const literal = imports.flatMap((one) =>
      wildcards.includes(one.subject)
        ? [A, B].map((node) => {
            const subject = one.subject.replace('*', node);
            return { ...one, subject, local_subject: subject };
          })
        : [one],
    );
    const jwt = sign(file.accounts.FLEET.id, { ...fleet, imports: literal });
    return { ...file, accounts: { ...file.accounts, FLEET: { id: file.accounts.FLEET.id, jwt } } };
  });
}
