// Pure: which nats-server is safe to run. 2.9 and 2.10 crash at one message where a wildcard import is renamed, and store
// node messages with headers that newer ones refuse; the permissions of the contract are proven on newer ones only.
import semver from 'semver';

export const LOWEST_NATS_SERVER = '2.14.0';

/** From what `nats-server -v` prints. */
export function natsServerVersion(printed: string): string | null {
  const [, version] = /^nats-server: v?(\S+)\s*$/m.exec(printed) ?? [];
  return version !== undefined && semver.valid(version) !== null ? version : null;
}

export function isSafeNatsServer(version: string): boolean {
  const parsed = semver.parse(version) ?? semver.coerce(version);
  return parsed !== null && semver.gte(parsed, LOWEST_NATS_SERVER);
}

export function refusal(path: string, version: string | null): string {
  return version === null
    ? `${path} does not say its version: is it nats-server?`
    : `${path} is nats-server ${version}; Overseer needs ${LOWEST_NATS_SERVER} or newer, ` +
        'because the permissions that keep nodes apart are proven on those only';
}
