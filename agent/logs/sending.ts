// One batch on its way: in halves where it is too large, until each part is stored.
import type { Logger } from '#infra/logger.ts';
import type { Bus } from '#infra/nats/bus.ts';
import { OverseerError } from '#subjects/errors.ts';
import type { LogBatch } from '#subjects/schema/log-batch.ts';
import { halves } from './halves.ts';
import type { BatchSize } from './size.ts';

export interface Parcel {
  readonly body: LogBatch;
  /** Given when it is sent first. */
  sequence: number | null;
}

export interface Sender {
  /** Takes out of the list what is stored. @throws OverseerError what the link or the core says: the rest is kept */
  send(parcels: Parcel[]): Promise<void>;
}

interface Parts {
  readonly node: string;
  /** Of this start; numbers count within it. */
  readonly epoch: string;
  bus(): Pick<Bus, 'emit' | 'isConnected'> | null;
  readonly size: BatchSize;
  readonly log: Pick<Logger, 'warn'>;
}

export function sender({ node, epoch, bus, size, log }: Parts): Sender {
  let last = 0;

  async function emit(parcel: Parcel): Promise<void> {
    const link = bus();
    if (!link?.isConnected) throw new OverseerError('unavailable', 'there is no link');
    if (parcel.sequence === null) {
      last += 1;
      parcel.sequence = last;
    }
    await link.emit('nodeLog', { node }, parcel.body, { position: { epoch, sequence: parcel.sequence } });
  }

  /** What the bus can never take: told as rows that are lost, or, when even that is refused, not at all. */
  function instead({ body }: Parcel, error: OverseerError): Parcel[] {
    log.warn({ error, chunks: body.chunks.length }, 'a batch of log lines can not be sent; it is told as a gap');
    if (body.chunks.length === 0) return [];
    const gaps = body.chunks.map(({ lines: _, text: __, ...told }) => ({
      ...told,
      reason: 'unreadable' as const,
      key: `${told.file}:${told.first}+${told.rows}`,
    }));
    return [{ body: { kind: 'log', chunks: [], gaps }, sequence: null }];
  }

  return {
    async send(parcels) {
      for (let parcel = parcels[0]; parcel !== undefined; parcel = parcels[0]) {
        try {
          await emit(parcel);
          size.wasTaken();
          parcels.shift();
        } catch (error) {
          if (!(error instanceof OverseerError)) throw error;
          if (error.code === 'too-large') {
            size.wasTooLarge(Number(error.fields['actual'] ?? 0), Number(error.fields['compressed'] ?? 0));
            const parts = halves(parcel.body)?.map((body) => ({ body, sequence: null }));
            parcels.splice(0, 1, ...(parts ?? instead(parcel, error)));
          } else if (error.code === 'internal') {
            parcels.splice(0, 1, ...instead(parcel, error));
          } else {
            throw error;
          }
        }
      }
    },
  };
}
