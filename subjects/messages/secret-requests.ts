// What the scheduler is asked about secrets. No message carries a plaintext.

import * as z from 'zod/mini';
import { request } from '../define.ts';
import { Page } from '../schema/actor.ts';
import * as secret from '../schema/secret.ts';
import { Nothing } from '../schema/service-status.ts';

export const secretRequests = {
  secretRecipients: request('overseer.int.scheduler.secret-recipients', {
    from: ['gateway'],
    to: 'scheduler',
    input: secret.GetSecretRecipients,
    output: secret.SecretRecipients,
    audited: false,
    doc: 'Whom a new value of a secret is sealed to.',
  }),
  putSecret: request('overseer.int.scheduler.put-secret', {
    from: ['gateway'],
    to: 'scheduler',
    input: secret.PutSecret,
    output: secret.PutSecretAnswer,
    audited: true,
    doc: 'Store a new version of a secret, sealed by the gateway, and deploy it to the stacks that use it.',
  }),
  listSecrets: request('overseer.int.scheduler.list-secrets', {
    from: ['gateway'],
    to: 'scheduler',
    input: z.strictObject({ ...Page }),
    output: secret.SecretList,
    audited: false,
    doc: 'Secrets by name, with versions and where they are used. Never a value.',
  }),
  removeSecret: request('overseer.int.scheduler.remove-secret', {
    from: ['gateway'],
    to: 'scheduler',
    input: secret.RemoveSecret,
    output: Nothing,
    audited: true,
    doc: 'Forget a secret that no stack uses.',
  }),
  secretRecovery: request('overseer.int.scheduler.secret-recovery', {
    from: ['gateway'],
    to: 'scheduler',
    input: secret.BySecret,
    output: secret.SecretRecovery,
    audited: false,
    doc: 'The age file that the recovery identity opens, and the nodes for which it is missing.',
  }),
  rewrapSecret: request('overseer.int.scheduler.rewrap-secret', {
    from: ['gateway'],
    to: 'scheduler',
    input: secret.RewrapSecret,
    output: secret.RewrapSecretAnswer,
    audited: true,
    doc: 'Store a secret for nodes that wait for it, sealed by the holder of the recovery identity.',
  }),
} as const;
