// Pure: places in a node's own order of what it tells, `<epoch>:<sequence>` of its spool. Its clock need not agree with ours,
// and what it tells comes on more than one way.

/** A spool that was made anew counts in another epoch. */
function parsed(position: string): { epoch: string; sequence: number } {
  const [epoch = '', text = '0'] = position.split(':');
  const sequence = Number(text);
  return { epoch, sequence: Number.isSafeInteger(sequence) ? sequence : 0 };
}

export function sequenceOf(position: string | undefined): number {
  return position === undefined ? 0 : parsed(position).sequence;
}

/** Was it told after what stands at `end`? */
export function comesAfter(position: string | undefined, end: string): boolean {
  const [told, ended] = [parsed(position ?? ''), parsed(end)];
  return told.epoch !== ended.epoch || told.sequence > ended.sequence;
}
