// Every message that JetStream holds, of every account, unpacked: its files hold documents packed, where no search finds
// anything.
import { unpacked } from './unpacked.ts';

interface Asking {
  request(subject: string, payload?: string, options?: { timeout: number }): Promise<{ json<T>(): T }>;
}

interface Stored {
  readonly message?: { readonly subject: string; readonly data?: string; readonly hdrs?: string };
}

const AT_ONCE = 50;
const PATIENCE = { timeout: 10_000 };
const decoded = (text = '') => Buffer.from(text, 'base64');

async function namesIn(connection: Asking): Promise<string[]> {
  const answer = await connection.request('$JS.API.STREAM.NAMES', '', PATIENCE).catch(() => null);
  return answer?.json<{ streams?: string[] | null }>().streams ?? [];
}

async function messagesIn(connection: Asking, stream: string): Promise<string[]> {
  const info = await connection.request(`$JS.API.STREAM.INFO.${stream}`, '', PATIENCE);
  const { state } = info.json<{ state?: { first_seq: number; last_seq: number } }>();
  const messages: string[] = [];
  if (state === undefined) return messages;
  for (let first = state.first_seq; first <= state.last_seq; first += AT_ONCE) {
    const sequences = Array.from({ length: AT_ONCE }, (_, at) => first + at).filter((one) => one <= state.last_seq);
    const answers = await Promise.all(
      sequences.map((seq) => connection.request(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify({ seq }), PATIENCE)),
    );
    for (const answer of answers) {
      // One that was removed meanwhile, or replaced by a newer one, is none.
      const { message } = answer.json<Stored>();
      if (message === undefined) continue;
      messages.push(`${stream} ${message.subject} ${decoded(message.hdrs)} ${unpacked(decoded(message.data))}`);
    }
  }
  return messages;
}

export async function streamMessages(connections: readonly Asking[]): Promise<string[]> {
  const messages: string[] = [];
  for (const connection of connections) {
    for (const stream of await namesIn(connection)) messages.push(...(await messagesIn(connection, stream)));
  }
  return messages;
}
