// THE CONTRACT: every message, declared once in messages/. Types, validation, permissions, account exports and imports,
// streams, metric labels and the reference are computed from it. The node id is always the third token.
import type { Entry } from './define.ts';
import { factMessages } from './messages/facts.ts';
import { logRequests } from './messages/log-requests.ts';
import { nodeMessages } from './messages/node-messages.ts';
import { notificationRequests } from './messages/notification-requests.ts';
import { readerRequests } from './messages/reader-requests.ts';
import { registryRequests } from './messages/registry-requests.ts';
import { schedulerRequests } from './messages/scheduler-requests.ts';
import { secretRequests } from './messages/secret-requests.ts';
import { sourceRequests } from './messages/source-requests.ts';
import { statusRequests } from './messages/status-requests.ts';

export const contract = {
  ...nodeMessages,
  ...factMessages,
  ...registryRequests,
  ...readerRequests,
  ...schedulerRequests,
  ...logRequests,
  ...notificationRequests,
  ...secretRequests,
  ...sourceRequests,
  ...statusRequests,
} as const satisfies Record<string, Entry>;

export type Contract = typeof contract;
export type MessageName = keyof Contract;

/** Entries in the order of declaration. */
export const entries: readonly (readonly [MessageName, Entry])[] = Object.entries(contract) as [MessageName, Entry][];
