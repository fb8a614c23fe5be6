// One pino logger a process; JSON where nobody watches, readable on a terminal.
import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

export function createLogger(name: string, level: string = process.env['LOG_LEVEL'] ?? 'info'): Logger {
  const readable = process.stdout.isTTY && process.env['LOG_FORMAT'] !== 'json';
  return pino({
    name,
    level,
    ...(readable
      ? { transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', translateTime: 'HH:MM:ss' } } }
      : {}),
  });
}
