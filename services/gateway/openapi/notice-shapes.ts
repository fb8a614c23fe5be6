// Parameters and answers of readers and notifications.
import * as z from 'zod/mini';
import { Id } from '#subjects/schema/ids.ts';
import { NotificationDelivery, NotificationName } from '#subjects/schema/notification.ts';
import { IssuedReader, ReaderName } from '#subjects/schema/reader.ts';
import { PageQuery } from './shapes.ts';

export const ReaderParams = z.strictObject({ name: ReaderName });
export const NotificationParams = z.strictObject({ name: NotificationName });
export const DeliveryParams = z.strictObject({ name: NotificationName, id: Id });
export const DeliveryQuery = z.extend(PageQuery, { state: z.optional(NotificationDelivery.shape.state) });

/** All that a stranger needs to begin, but for the seed of its key. */
export const ReaderAnswer = z.extend(IssuedReader, {
  /** `tls://host:port` each; TLS begins before the server speaks (`handshake_first`). */
  servers: z.array(z.string()),
  /** Certificate of the bus's authority, PEM. */
  ca: z.string(),
});
