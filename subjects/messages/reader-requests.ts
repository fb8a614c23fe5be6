// What the registry is asked about readers, the third parties on the bus.
import { request } from '../define.ts';
import * as reader from '../schema/reader.ts';
import { Nothing } from '../schema/service-status.ts';

export const readerRequests = {
  createReader: request('overseer.int.registry.create-reader', {
    from: ['gateway'],
    to: 'registry',
    input: reader.CreateReader,
    output: reader.IssuedReader,
    audited: true,
    doc: 'Make a durable and mint a credential for a third party. The same reader with the same key gets both again.',
  }),
  listReaders: request('overseer.int.registry.list-readers', {
    from: ['gateway'],
    to: 'registry',
    input: Nothing,
    output: reader.ReaderList,
    audited: false,
    doc: 'Third parties that may read events or audit records, expired ones too.',
  }),
  removeReader: request('overseer.int.registry.remove-reader', {
    from: ['gateway'],
    to: 'registry',
    input: reader.RemoveReader,
    output: Nothing,
    audited: true,
    doc: 'Void the credential, cut the live connection, delete the durable, all before the answer.',
  }),
} as const;
