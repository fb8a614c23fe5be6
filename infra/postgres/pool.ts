// The driver's pool of connections, and a fault of its users mended: a transaction whose connection breaks cannot roll
// back, and then never gives the connection back. After a few outages the pool would be empty for good.
export interface PooledConnection {
  query(sql: string): Promise<unknown>;
  release(destroy?: boolean): void;
  on(event: 'notification' | 'end' | 'error', handle: () => void): void;
  off(event: 'notification' | 'end' | 'error', handle: () => void): void;
}

export interface ConnectionPool {
  connect(): Promise<PooledConnection>;
  on(event: 'acquire', handle: (connection: PooledConnection) => void): void;
}

function releaseWhenEnded(connection: PooledConnection): void {
  const release = connection.release.bind(connection);
  let isReleased = false;
  const releaseOnce = (destroy?: boolean) => {
    if (isReleased) return;
    isReleased = true;
    connection.off('end', releaseEnded);
    release(destroy);
  };
  const releaseEnded = () => releaseOnce(true);
  connection.release = releaseOnce;
  connection.on('end', releaseEnded);
}

/** A connection that ends while somebody holds it leaves the pool at once; giving it back later does nothing. */
export function releaseBroken(pool: ConnectionPool): void {
  // Told just before the connection gets its new `release`; whoever asked for it runs after this microtask.
  pool.on('acquire', (connection) => queueMicrotask(() => releaseWhenEnded(connection)));
}
