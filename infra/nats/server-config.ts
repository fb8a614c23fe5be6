// Pure: the configuration of a nats-server as text. A golden file shows it whole.
import { MAX_PAYLOAD_BYTES } from '#subjects/limits.ts';
import { STORE_LIMITS } from '#subjects/streams.ts';

export interface ServerSettings {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Monitoring on a free port of 127.0.0.1, which the server writes into a file there; null has none. */
  readonly monitor: { readonly portsFolder: string } | null;
  readonly operatorJwt: string;
  readonly systemAccount: string;
  /** JWT by account id. */
  readonly accounts: readonly (readonly [id: string, jwt: string])[];
  readonly resolverFolder: string;
  readonly storeFolder: string;
  readonly pidFile: string;
  readonly certificateFile: string;
  readonly certificateKeyFile: string;
}

/** A JSON string is a quoted string of this format too. */
const quoted = (text: string) => JSON.stringify(text);

/** A space before each `{`: without it name and brace are read as one word. */
export function serverConfig(settings: ServerSettings): string {
  const { monitor } = settings;
  return `# Written by Overseer at every start; changes made here are lost.
server_name: ${quoted(settings.name)}
listen: ${quoted(`${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${settings.port}`)}
${monitor === null ? '# no monitoring' : `http: "127.0.0.1:-1"\nports_file_dir: ${quoted(monitor.portsFolder)}`}
pid_file: ${quoted(settings.pidFile)}

operator: ${quoted(settings.operatorJwt)}
system_account: ${quoted(settings.systemAccount)}
resolver {
  type: full
  dir: ${quoted(settings.resolverFolder)}
  allow_delete: false
  interval: "2m"
  timeout: "1.9s"
}
resolver_preload {
${settings.accounts.map(([id, jwt]) => `  ${id}: ${quoted(jwt)}`).join('\n')}
}
authorization { timeout: 10 }

tls {
  cert_file: ${quoted(settings.certificateFile)}
  key_file: ${quoted(settings.certificateKeyFile)}
  timeout: 5
  handshake_first: true
}

max_payload: ${MAX_PAYLOAD_BYTES}
max_connections: 12000
max_pending: 8MB
write_deadline: "5s"
ping_interval: "30s"
ping_max: 2

# An acknowledged message survives the loss of power only when it was written through: sync_interval must stay.
jetstream {
  store_dir: ${quoted(settings.storeFolder)}
  sync_interval: always
  max_memory_store: ${STORE_LIMITS.memoryBytes}
  max_file_store: ${STORE_LIMITS.diskBytes}
}
`;
}
