// Which server a client of the bus takes for ours. Clients trust one authority, ours, and nothing else it is asked about.
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** In every certificate of ours: a node may reach the core by an address that it got after its certificate. */
export const BUS_NAME = 'bus.overseer.internal';

/** The name that was dialled, or the name that all our certificates have. */
export function isOurServer(host: string, certificate: PeerCertificate): Error | undefined {
  const fault = checkServerIdentity(host, certificate);
  return fault && checkServerIdentity(BUS_NAME, certificate) ? fault : undefined;
}
