// What is said of lines that are not there. Pure.
import type { LogGap } from './logs.ts';

const WHY: Readonly<Record<LogGap['reason'], string>> = {
  rotated: 'the engine removed them before they were read',
  'rate-limited': 'more than the rate of the stack',
  truncated: 'the log file was cut or replaced',
  unreadable: 'they can not be read as lines of a log',
  'spool-full': 'the core was away for longer than the node has room',
  engine: 'its log driver loses lines when it rotates',
};

const numbers = new Intl.NumberFormat('en');

export function gapAmount({ rows }: Pick<LogGap, 'rows'>): string {
  if (rows === null) return 'an unknown number of lines';
  return rows === 1 ? '1 line' : `${numbers.format(rows)} lines`;
}

export function gapReason({ reason }: Pick<LogGap, 'reason'>): string {
  return WHY[reason] ?? reason;
}

/** `shop/web`, and which of several containers: `shop/web#2`. */
export function sourceOf({
  stack,
  service,
  containerName,
}: Pick<LogGap, 'stack' | 'service' | 'containerName'>): string {
  const [, number] = /-(\d{1,6})$/.exec(containerName) ?? [];
  const isFurther = number !== undefined && number !== '1' && containerName === `${stack}-${service}-${number}`;
  return `${stack}/${service}${isFurther ? `#${number}` : ''}`;
}
