// Where agents reach this core: the host they asked, unless one is set. Pure.

export interface Addresses {
  readonly http: { readonly host: string; readonly port: number };
  readonly nats: { readonly port: number } | { readonly servers: readonly string[] };
  /** Host, with a port of its own or without. */
  readonly advertise: string | null;
}

interface Place {
  readonly host: string;
  readonly port: number | null;
}

const HOST_PATTERN = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;

/** Null when it is no host name or address. */
export function placeOf(text: string): Place | null {
  if (/^[0-9a-fA-F:.]+$/.test(text) && text.split(':').length > 2) return { host: text, port: null };
  const match = HOST_PATTERN.exec(text);
  if (!match) return null;
  const port = match[3] === undefined ? null : Number(match[3]);
  return port !== null && (port < 1 || port > 65_535) ? null : { host: match[1] ?? match[2] ?? '', port };
}

function written(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `asked` is the request's Host header. */
function reached(addresses: Addresses, asked: string | undefined): { host: string; port: number } {
  const { advertise, http } = addresses;
  if (advertise !== null) {
    const place = placeOf(advertise);
    if (place) return { host: place.host, port: place.port ?? http.port };
  }
  const place = asked === undefined ? null : placeOf(asked);
  // A Host header leaves the port out when it is the scheme's own.
  return place ? { host: place.host, port: place.port ?? 80 } : { host: http.host, port: http.port };
}

export function gatewayUrl(addresses: Addresses, asked: string | undefined): string {
  const { host, port } = reached(addresses, asked);
  return `http://${written(host)}${port === 80 ? '' : `:${port}`}`;
}

export function natsServers(addresses: Addresses, asked: string | undefined): string[] {
  if ('servers' in addresses.nats) return [...addresses.nats.servers];
  return [`${written(reached(addresses, asked).host)}:${addresses.nats.port}`];
}

/** One line to paste on the new node. The token goes by the environment: arguments are seen by every user there. */
export function enrollCommand(url: string, token: string): string {
  return `OVERSEER_TOKEN=${token} npm run -s agent -- enroll --url ${url} && npm run -s agent -- run`;
}
