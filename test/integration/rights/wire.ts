// The NATS protocol as bytes on a TLS connection: sends whatever a hostile client would, tells every refusal, hears every
// message with its reply subject. The client library checks and hides too much for that.
import { connect, type TLSSocket } from 'node:tls';
import type { CredentialSource } from '#infra/nats/credentials.ts';
import { isOurServer } from '#infra/nats/server-identity.ts';

export interface Heard {
  /** What was subscribed. A message pulled from a stream keeps its own subject wherever it is delivered. */
  readonly on: string;
  readonly subject: string;
  readonly reply: string | null;
  readonly payload: Buffer;
}

export interface Sent {
  readonly reply?: string | undefined;
  readonly payload?: string | Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const CRLF = Buffer.from('\r\n');

function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`);
}

export class Wire {
  /** Text of every -ERR. */
  readonly refusals: string[] = [];
  readonly heard: Heard[] = [];
  /** Called with each message as it comes. */
  onMessage: (message: Heard) => void = () => {};
  isClosed = false;
  readonly #socket: TLSSocket;
  #pending = Buffer.alloc(0);
  #pongs: (() => void)[] = [];
  #lastSid = 0;
  readonly #subscribed = new Map<string, string>();

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      this.#read();
    });
    const end = () => {
      this.isClosed = true;
      for (const pong of this.#pongs.splice(0)) pong();
    };
    socket.on('close', end);
    socket.on('error', end);
  }

  /** @throws Error with the server's words when the credential is refused */
  static async open(server: string, ca: string, credential: CredentialSource): Promise<Wire> {
    const [host, port] = server.split(':') as [string, string];
    const socket = connect({ host, port: Number(port), ca, checkServerIdentity: isOurServer });
    const greeting = await new Promise<Buffer>((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('error', reject);
    });
    const wire = new Wire(socket);
    const { nonce } = JSON.parse(greeting.toString().slice('INFO '.length)) as { nonce: string };
    const login = {
      jwt: credential.jwt(),
      sig: Buffer.from(credential.sign(Buffer.from(nonce))).toString('base64url'),
      verbose: false,
      pedantic: false,
      headers: true,
      no_responders: true,
      protocol: 1,
      lang: 'test',
      version: '1',
    };
    socket.write(`CONNECT ${JSON.stringify(login)}\r\n`);
    await wire.settled();
    if (wire.isClosed || wire.refusals.length > 0) {
      socket.destroy();
      throw new Error(wire.refusals.join() || 'closed');
    }
    return wire;
  }

  publish(subject: string, { reply, payload = '', headers }: Sent = {}): void {
    const body = Buffer.from(payload);
    const head = headers ? headerBlock(headers) : null;
    const target = reply === undefined ? subject : `${subject} ${reply}`;
    const line = head ? `HPUB ${target} ${head.length} ${head.length + body.length}` : `PUB ${target} ${body.length}`;
    this.#socket.write(Buffer.concat([Buffer.from(line), CRLF, head ?? Buffer.alloc(0), body, CRLF]));
  }

  subscribe(subject: string, queue?: string): number {
    this.#lastSid += 1;
    this.#subscribed.set(String(this.#lastSid), subject);
    this.#socket.write(`SUB ${subject} ${queue === undefined ? '' : `${queue} `}${this.#lastSid}\r\n`);
    return this.#lastSid;
  }

  unsubscribe(sid: number): void {
    this.#socket.write(`UNSUB ${sid}\r\n`);
  }

  /** The server has handled all that was sent; what it said until then has been read. */
  settled(): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#pongs.push(resolve);
      this.#socket.write('PING\r\n');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(): void {
    for (;;) {
      const end = this.#pending.indexOf(CRLF);
      if (end < 0) return;
      const line = this.#pending.subarray(0, end).toString();
      const [word = '', ...rest] = line.split(' ');
      const isMessage = word === 'MSG' || word === 'HMSG';
      const size = isMessage ? Number(rest.at(-1)) : 0;
      const total = end + 2 + (isMessage ? size + 2 : 0);
      if (this.#pending.length < total) return;
      const body = this.#pending.subarray(end + 2, end + 2 + size);
      this.#pending = this.#pending.subarray(total);
      this.#take(word, rest, body, line);
    }
  }

  #take(word: string, rest: readonly string[], body: Buffer, line: string): void {
    switch (word) {
      case 'PING':
        this.#socket.write('PONG\r\n');
        break;
      case 'PONG':
        this.#pongs.shift()?.();
        break;
      case '-ERR':
        this.refusals.push(line.slice("-ERR '".length, -1));
        break;
      case 'MSG':
      case 'HMSG': {
        const sizes = word === 'MSG' ? 1 : 2;
        const reply = rest.length - sizes === 3 ? (rest[2] as string) : null;
        const skipped = word === 'HMSG' ? Number(rest.at(-2)) : 0;
        const on = this.#subscribed.get(rest[1] as string) ?? '';
        const message = { on, subject: rest[0] as string, reply, payload: Buffer.from(body.subarray(skipped)) };
        this.heard.push(message);
        this.onMessage(message);
        break;
      }
      default:
    }
  }
}
