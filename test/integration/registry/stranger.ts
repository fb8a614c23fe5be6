// A third party as docs/readers.md tells it to be: the NATS client, a credential file, the CA. Nothing of Overseer.
import { jetstream } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';

export interface Told {
  readonly subject: string;
  readonly sequence: number;
  readonly body: unknown;
}

export interface Access {
  readonly user: string;
  readonly stream: string;
  readonly jwt: string;
  readonly servers: readonly string[];
  readonly ca: string;
}

export interface Stranger {
  readonly publicKey: string;
  /** Acknowledged, in the order in which they came. */
  readonly heard: readonly Told[];
  /** Logs in and consumes. */
  start(access: Access): Promise<void>;
  connect(access: Access): Promise<NatsConnection>;
  isCut(): boolean;
  stop(): Promise<void>;
}

export function newStranger(): Stranger {
  const key = createUser();
  const seed = new TextDecoder().decode(key.getSeed());
  const heard: Told[] = [];
  let connection: NatsConnection | null = null;
  let consuming: Promise<void> = Promise.resolve();
  let end = async () => {};
  let isCut = false;

  const dial = ({ user, jwt, servers, ca }: Access) => {
    const creds = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    return connect({
      servers: [...servers],
      tls: { ca, handshakeFirst: true },
      authenticator: credsAuthenticator(new TextEncoder().encode(creds)),
      inboxPrefix: `_INBOX.${user}`,
    });
  };

  return {
    publicKey: key.getPublicKey(),
    heard,
    connect: dial,
    async start(access) {
      const nc = await dial(access);
      connection = nc;
      isCut = false;
      void (async () => {
        for await (const { type } of nc.status()) if (type === 'disconnect') isCut = true;
      })();
      const { user: name, stream: stream_name } = access;
      const config = { name, durable_name: name, ack_policy: 'explicit' };
      // Bound without asking for its settings: a reader has no right to.
      const consumer = jetstream(nc).consumers.getConsumerFromInfo({ stream_name, name, config } as never);
      // Without `bind` it asks for them after each lost connection, and waits for ever.
      const messages = await consumer.consume({ max_messages: 50, expires: 5_000, bind: true });
      end = async () => void (await messages.close());
      consuming = (async () => {
        for await (const message of messages) {
          heard.push({ subject: message.subject, sequence: message.seq, body: message.json() });
          message.ack();
        }
      })().catch(() => {});
    },
    isCut: () => isCut,
    async stop() {
      await end().catch(() => {});
      await connection?.flush().catch(() => {});
      await connection?.close();
      await consuming;
      connection = null;
    },
  };
}
