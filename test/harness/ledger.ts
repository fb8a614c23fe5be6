// What must hold over an outage, as checks over collected facts. Each check is given broken facts by the tests as well, so
// that a check that can't fail is noticed.

export interface Told {
  /** `<epoch>:<sequence>` of a fact that a node told. */
  readonly position: string;
}

export interface Ledger {
  readonly epochs: readonly string[];
  readonly missing: readonly string[];
  readonly twice: readonly string[];
}

function parsed(position: string): { epoch: string; sequence: number } {
  const [epoch = '', sequence = ''] = position.split(':');
  if (!/^\d+$/.test(sequence)) throw new Error(`not a place in a spool: ${position}`);
  return { epoch, sequence: Number(sequence) };
}

/** Within each epoch every sequence from the first that was told to the spool's last one must be there once. */
export function ledger(positions: readonly string[], last: ReadonlyMap<string, number>): Ledger {
  const told = new Map<string, number[]>();
  for (const position of positions) {
    const { epoch, sequence } = parsed(position);
    told.set(epoch, [...(told.get(epoch) ?? []), sequence]);
  }
  const missing: string[] = [];
  const twice: string[] = [];
  for (const epoch of new Set([...told.keys(), ...last.keys()])) {
    const seen = told.get(epoch) ?? [];
    const count = new Map<number, number>();
    for (const sequence of seen) count.set(sequence, (count.get(sequence) ?? 0) + 1);
    const end = last.get(epoch) ?? Math.max(...seen);
    for (let sequence = 1; sequence <= end; sequence++) {
      if (!count.has(sequence)) missing.push(`${epoch}:${sequence}`);
    }
    twice.push(...[...count].filter(([, n]) => n > 1).map(([sequence]) => `${epoch}:${sequence}`));
  }
  return { epochs: [...told.keys()], missing, twice };
}
