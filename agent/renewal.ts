// Keeps the credential alive: renewed over the bus at two thirds of its life, over HTTP when it has ended. A node that was
// deregistered stops asking; its stacks stay as they are.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { Credential, Reauthentication } from '#subjects/schema/node.ts';
import type { NodeCredential } from './credential.ts';
import { hasExpired, renewAt } from './credential-life.ts';

export interface RenewalParts {
  readonly node: string;
  readonly credential: NodeCredential;
  bus(): Bus | null;
  reauthenticate(proof: Reauthentication): Promise<Credential>;
  /** A new one is kept and used from now on. */
  onRenewed?(): void;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  now(): number;
  random(): number;
}

/** `revoked`: the core wants nothing more of this node. */
export type Reauthenticated = 'renewed' | 'failed' | 'revoked';

export interface Renewal {
  hasExpired(): boolean;
  /** Over the bus, now. */
  renew(): Promise<void>;
  /** What was due while there was no link is due now. */
  linkIsBack(): void;
  /** Over HTTP; one at a time, and not before the last refusal has been waited out. */
  reauthenticate(): Promise<Reauthenticated>;
  /** Until asking again can make sense. */
  waitMs(): number;
  stop(): void;
}

const RENEW_RETRY_MS = 60_000;
/** setTimeout can't wait longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const HTTP_FIRST_WAIT_MS = 1_000;
const HTTP_LONGEST_WAIT_MS = 60_000;
/** Someone may enroll the node anew with the same key; nobody waits for it by the minute. */
const REVOKED_WAIT_MS = 600_000;

const MEANS_REVOKED = new Set(['node-revoked', 'node-not-found']);

const REVOKED_TEXT =
  'this node was deregistered and its credential revoked: nothing is taken from the core any more, its stacks run on. ' +
  'To bring it back, enroll it with a new token and another data folder';

export function startRenewal(parts: RenewalParts): Renewal {
  const { node, credential, log, now, random } = parts;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let asking: Promise<Reauthenticated> | null = null;
  let last: Reauthenticated = 'renewed';
  let failures = 0;
  let notBefore = 0;

  function schedule(atLeastMs = 0): void {
    clearTimeout(timer);
    if (isStopped) return;
    const wait = Math.max(renewAt(credential.life(), random()) - now(), atLeastMs);
    timer = setTimeout(() => void renew(), Math.min(wait, LONGEST_TIMER_MS));
  }

  async function renew(): Promise<void> {
    const bus = parts.bus();
    try {
      if (!bus?.isConnected) throw new OverseerError('unavailable', 'there is no link to the core');
      await credential.replace(await bus.request('renewCredential', { node }, { kind: 'renew' }));
      parts.onRenewed?.();
      log.info({ until: new Date(credential.life().until).toISOString() }, 'credential renewed');
      schedule();
      // The server goes by the credential a connection began with.
      await bus.reconnect();
    } catch (error) {
      if (bus?.isConnected) log.warn({ error }, 'the credential could not be renewed, trying again');
      schedule(RENEW_RETRY_MS * (0.5 + random()));
    }
  }

  async function ask(): Promise<Reauthenticated> {
    try {
      const proof = credential.proveOwnership(node, new Date(now()).toISOString());
      await credential.replace(await parts.reauthenticate(proof));
      failures = 0;
      parts.onRenewed?.();
      log.info({ until: new Date(credential.life().until).toISOString() }, 'a new credential was given');
      schedule();
      return 'renewed';
    } catch (error) {
      return refused(error);
    }
  }

  function refused(error: unknown): Reauthenticated {
    const code = error instanceof OverseerError ? error.code : 'internal';
    const reason = error instanceof Error ? error.message : String(error);
    const isRevoked = MEANS_REVOKED.has(code);
    failures += 1;
    if (isRevoked) log.error({ code, reason }, REVOKED_TEXT);
    else if (failures === 1) log.warn({ code, reason }, 'no new credential from the core, trying again');
    const wait = isRevoked ? REVOKED_WAIT_MS : Math.min(HTTP_FIRST_WAIT_MS * 2 ** (failures - 1), HTTP_LONGEST_WAIT_MS);
    notBefore = now() + wait * (0.75 + random() / 2);
    return isRevoked ? 'revoked' : 'failed';
  }

  schedule();
  return {
    hasExpired: () => hasExpired(credential.life(), now()),
    renew,
    linkIsBack: () => schedule(),
    async reauthenticate() {
      if (asking === null && now() < notBefore) return last;
      asking ??= ask().finally(() => {
        asking = null;
      });
      last = await asking;
      return last;
    },
    waitMs: () => Math.max(0, notBefore - now()),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
