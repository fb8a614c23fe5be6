// Pure. Where a PostgreSQL server is: a URL for one that listens on TCP, the parts for one on a unix socket, whose path
// a URL can hold as host only when it is percent-encoded.

export interface SocketAddress {
  /** Absolute path of the folder that holds the socket, or a host name. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly dbName: string;
  readonly password?: string;
}
export type DatabaseUrl = string | SocketAddress;

const DEFAULT_PORT = 5432;

type Options = { readonly clientUrl: string } | SocketAddress;

/** The address as MikroORM's options. `postgres://user@%2Frun%2Fpg:5433/name` is a socket in /run/pg. */
export function connectionOptions(address: DatabaseUrl): Options {
  if (typeof address !== 'string') return address;
  const url = new URL(address);
  if (!url.hostname.toUpperCase().startsWith('%2F')) return { clientUrl: address };
  return {
    host: decodeURIComponent(url.hostname),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    user: decodeURIComponent(url.username),
    dbName: decodeURIComponent(url.pathname.slice(1)),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
}

/** The same server, another database. */
export function withDatabase(address: DatabaseUrl, dbName: string): DatabaseUrl {
  if (typeof address !== 'string') return { ...address, dbName };
  const url = new URL(address);
  url.pathname = `/${encodeURIComponent(dbName)}`;
  return url.toString();
}

/** For logs: without user and password. */
export function addressText(address: DatabaseUrl): string {
  const options = connectionOptions(address);
  if ('clientUrl' in options) {
    const { host, pathname } = new URL(options.clientUrl);
    return `${host}${pathname}`;
  }
  return `${options.host}:${options.port}/${options.dbName}`;
}
