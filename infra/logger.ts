// One pino logger a process; JSON where nobody watches, readable on a terminal.
import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

export function createLogger(name: string, level: string = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  const readable = process.stdout.isTTY && process.env['LOG_FORMAT'] !== 'json';
  const options = { name, level };
  if (readable) {
    const target = { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss' } };
    return pino({ ...options, transport: target });
  }
  // Written at once: what waits to be written at exit is tried for ever when nobody reads any more, and whose supervisor
  // was killed would never end.
  return pino(options, pino.destination({ dest: 1, sync: true }));
}
