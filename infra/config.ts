// Settings of the core's processes, from the environment. All faults are told at once, before anything starts.
import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { AgeRecipient, SecretMode } from '#subjects/schema/secret.ts';
import { FORBIDDABLE, type Forbidden, forbiddenIn } from './compose/policy.ts';

interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface LogTarget {
  readonly url: URL;
  /** Absolute path of a file with rows `Name: value`: what proves who we are is in no environment. */
  readonly headersFile: string | null;
}

export interface CoreConfig {
  /** Absolute path of $OVERSEER_DATA. */
  readonly data: string;
  readonly http: Listen;
  /** Where the embedded server listens, or the servers (`host:port`) of a cluster. */
  readonly nats: Listen | { readonly servers: string[] };
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null;
  readonly localAgent: boolean;
  readonly logLevel: string;
  /** Host name or address under which nodes reach this core; null: the host they asked. */
  readonly advertise: string | null;
  /** Where operators reach the console, for links in messages; null: messages have none. */
  readonly publicUrl: string | null;
  /** Registries (`host:port`) that are asked without TLS, beside this machine's own. */
  readonly insecureRegistries: readonly string[];
  /** What stacks may not ask of Docker anywhere. */
  readonly forbidden: readonly Forbidden[];
  readonly logs: {
    /** Of container log lines in the database, compressed, with what each chunk costs beside its text. */
    readonly maxBytes: number;
    /** Where lines are handed on to; null: nowhere. */
    readonly loki: LogTarget | null;
    readonly otlp: LogTarget | null;
  };
  readonly secrets: {
    readonly mode: SecretMode;
    /** Null: what the data folder says, if it says anything. */
    readonly recoveryRecipient: string | null;
  };
}

function listen(text: string): Listen | null {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]/\s]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (!match || port < 1 || port > 65_535) return null;
  return { host: match[1] ?? match[2] ?? '', port };
}

/** `tls://a:4222,tls://b:4222` -> `['a:4222', 'b:4222']`; null when it is no list of URLs. */
function clusterServers(text: string): string[] | null {
  const urls = text.split(',').map((part) => part.trim());
  return urls.every((url) => /^(tls|nats):\/\/[^/\s]+:\d+\/?$/.test(url))
    ? urls.map((url) => url.replace(/^\w+:\/\//, '').replace(/\/$/, ''))
    : null;
}

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `10g` -> bytes; null when it is no size. */
function sizeOf(text: string): number | null {
  const [, amount, unit = ''] = /^(\d{1,13})([kmgt]?)$/i.exec(text) ?? [];
  const bytes = Number(amount) * (SIZE_UNITS[unit.toLowerCase()] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Where an engine takes lines, unless the address says more than its host. */
function targetOf(text: string | undefined, path: string, headersFile: string | undefined): LogTarget | null {
  if (text === undefined) return null;
  const url = new URL(text);
  if (url.pathname === '/') url.pathname = path;
  return { url, headersFile: headersFile === undefined ? null : resolve(headersFile) };
}

const HttpUrl = z.string().check(
  z.refine((text) => {
    const { protocol = '', username = '', password = '' } = URL.parse(text) ?? {};
    return /^https?:$/.test(protocol) && username === '' && password === '';
  }, 'must be an http:// or https:// URL without user and password'),
);

const LOGS_LEAST_BYTES = 1024 ** 2;

const address = (example: string) =>
  z.string().check(z.refine((text) => listen(text) !== null, `must be host:port, as in ${example}`));

const Environment = z.object({
  OVERSEER_DATA: z._default(z.string().check(z.minLength(1)), '.overseer'),
  OVERSEER_HTTP: z._default(address('127.0.0.1:7700'), '127.0.0.1:7700'),
  OVERSEER_NATS: z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => listen(text) !== null || clusterServers(text) !== null,
          'must be host:port to listen on, or the tls:// URLs of a cluster',
        ),
      ),
    '127.0.0.1:4222',
  ),
  DATABASE_URL: z.optional(z.string().check(z.regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL'))),
  OVERSEER_LOCAL_AGENT: z._default(z.enum(['on', 'off']), 'on'),
  OVERSEER_ADVERTISE: z.optional(z.string().check(z.regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an address'))),
  OVERSEER_PUBLIC_URL: z.optional(
    z.string().check(z.regex(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/, 'must be a http or https URL')),
  ),
  OVERSEER_FORBID: z._default(
    z
      .string()
      .check(
        z.refine(
          (text) => !('unknown' in forbiddenIn(text)),
          `must be a list of ${Object.keys(FORBIDDABLE).join(', ')}`,
        ),
      ),
    '',
  ),
  OVERSEER_SECRETS_MODE: z._default(SecretMode, 'managed'),
  OVERSEER_RECOVERY_RECIPIENT: z.optional(AgeRecipient),
  OVERSEER_INSECURE_REGISTRIES: z._default(
    z.string().check(z.regex(/^[A-Za-z0-9.:[\]-]+(\s*,\s*[A-Za-z0-9.:[\]-]+)*$|^$/, 'must be a list of host:port')),
    '',
  ),
  OVERSEER_LOGS_MAX_BYTES: z._default(
    z
      .string()
      .check(z.refine((text) => (sizeOf(text) ?? 0) >= LOGS_LEAST_BYTES, 'must be a size of 1m or more, as 10g')),
    '10g',
  ),
  OVERSEER_LOKI_URL: z.optional(HttpUrl),
  OVERSEER_LOKI_HEADERS_FILE: z.optional(z.string()),
  OVERSEER_OTLP_LOGS_URL: z.optional(HttpUrl),
  OVERSEER_OTLP_HEADERS_FILE: z.optional(z.string()),
  LOG_LEVEL: z._default(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info'),
});

/** @throws Error that names every setting that is wrong */
export function coreConfig(environment: NodeJS.ProcessEnv): CoreConfig {
  // `NAME=` in a compose file means: not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`);
    throw new Error(`These settings are not valid:\n${faults.join('\n')}`);
  }
  const { data } = parsed;
  const servers = clusterServers(data.OVERSEER_NATS);
  const policy = forbiddenIn(data.OVERSEER_FORBID);
  return {
    data: resolve(data.OVERSEER_DATA),
    http: listen(data.OVERSEER_HTTP) as Listen,
    nats: servers ? { servers } : (listen(data.OVERSEER_NATS) as Listen),
    databaseUrl: data.DATABASE_URL ?? null,
    localAgent: data.OVERSEER_LOCAL_AGENT === 'on',
    logLevel: data.LOG_LEVEL,
    advertise: data.OVERSEER_ADVERTISE ?? null,
    publicUrl: data.OVERSEER_PUBLIC_URL ?? null,
    insecureRegistries: data.OVERSEER_INSECURE_REGISTRIES.split(',').flatMap((name) => name.trim() || []),
    forbidden: 'forbidden' in policy ? policy.forbidden : [],
    logs: {
      maxBytes: sizeOf(data.OVERSEER_LOGS_MAX_BYTES) ?? 0,
      loki: targetOf(data.OVERSEER_LOKI_URL, '/loki/api/v1/push', data.OVERSEER_LOKI_HEADERS_FILE),
      otlp: targetOf(data.OVERSEER_OTLP_LOGS_URL, '/v1/logs', data.OVERSEER_OTLP_HEADERS_FILE),
    },
    secrets: { mode: data.OVERSEER_SECRETS_MODE, recoveryRecipient: data.OVERSEER_RECOVERY_RECIPIENT ?? null },
  };
}
