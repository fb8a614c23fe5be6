// What looking at sources and registries needs, and how both are put together.
import { randomInt } from 'node:crypto';
import type { Logger } from '#infra/logger.ts';
import type { Database } from '#infra/postgres/orm.ts';
import type { ComposeCheck } from '../compose/check.ts';
import { newPatience } from '../images/patience.ts';
import type { ImageParts } from '../images/pins.ts';
import { registries } from '../images/registry.ts';
import type { Issuer } from '../issuer.ts';
import { findSecret, sealedVersion } from '../store/secrets.ts';
import { clearLeftCredentials } from './credential.ts';
import { type OpenCredential, type SourceReader, sourceReader } from './fetch.ts';
import { gitPlace } from './git.ts';
import { type Webhooks, webhooks } from './webhook-secret.ts';

export interface Origins {
  readonly reader: SourceReader;
  readonly images: ImageParts;
  readonly webhooks: Webhooks;
  /** Aborted when the scheduler stops: nothing is waited for any more. */
  readonly signal: AbortSignal;
  stop(): void;
}

export interface LookParts {
  readonly database: Database;
  readonly issuer: Issuer;
  readonly compose: ComposeCheck;
  readonly origins: Origins;
  readonly log: Logger;
}

/** Null in mode `strict`, and for what was set when this core had no vault, or another. */
function vaultCredential(database: Database, { vault }: Issuer): OpenCredential {
  return async (name) => {
    if (vault === null) return null;
    const sealed = await database.read(async (em) => {
      const secret = await findSecret(em, name);
      return secret && sealedVersion(em, name, secret.version);
    });
    return sealed === null ? null : vault.open(sealed).catch(() => null);
  };
}

/** @param data the core's data folder */
export function newOrigins(data: string, database: Database, issuer: Issuer, insecure: readonly string[]): Origins {
  const stopping = new AbortController();
  const { signal } = stopping;
  void clearLeftCredentials(issuer.now());
  const credential = vaultCredential(database, issuer);
  return {
    reader: sourceReader(gitPlace(data, signal), credential),
    images: {
      registries: registries(insecure, signal),
      credential,
      patience: newPatience(issuer.now),
      now: issuer.now,
    },
    webhooks: webhooks(data),
    signal,
    stop: () => stopping.abort(),
  };
}

/** From 0 to 1. */
export function anySpread(): number {
  return randomInt(1000) / 1000;
}
