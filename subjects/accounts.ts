// Exports and imports between the accounts, computed from the contract. Imports keep the name. See layoutFaults for the
// rules that hold, each of which a real server showed to be needed.
import { entries } from './contract.ts';
import type { Entry, Event, Feed } from './define.ts';
import { ack, batchedGet, directGet, next } from './permissions.ts';
import { type Account, accountOf, isService, type Principal } from './principals.ts';
import { isLiveReceiver, streamPlan } from './streams.ts';
import { parametersOf, patternOf } from './subject.ts';

export interface Export {
  readonly account: Account;
  readonly subject: string;
  readonly type: 'service' | 'stream';
  /** Stream: several answers to one request. Streams (type) have none. */
  readonly response?: 'Singleton' | 'Stream';
}
export interface Import extends Export {
  readonly importedBy: Account;
  /** Subject of the export this is, or is a literal part of. */
  readonly exported: string;
}
export interface Layout {
  readonly exports: readonly Export[];
  readonly imports: readonly Import[];
}

type Offer = Omit<Import, 'importedBy' | 'exported'> & { readonly importedBy: Account; readonly exported?: string };

const STORE: Account = 'STORE';

function service(
  account: Account,
  subject: string,
  importedBy: Account,
  response: 'Singleton' | 'Stream' = 'Singleton',
): Offer {
  return { account, subject, type: 'service', response, importedBy };
}

function senders(entry: Event): Offer[] {
  return entry.from.map((from) => {
    const own: Record<string, string> = parametersOf(entry.subject).includes('service') ? { service: from } : {};
    return service(STORE, patternOf(entry.subject, own), accountOf(from));
  });
}

/** Where readers and services receive from one stream, the wildcard is exported and services import a literal part. */
function receiver(entry: Event, to: Principal): Offer[] {
  const account = accountOf(to);
  const { stream } = entry;
  if (isLiveReceiver(to)) {
    const live = streamPlan(stream).republish;
    return [
      service(STORE, batchedGet(stream), account, 'Stream'),
      ...(live ? [{ account: STORE, subject: live.to, type: 'stream', importedBy: account } as const] : []),
    ];
  }
  const hasReaders = entries.some(
    ([, other]) =>
      other.kind === 'event' && other.stream === stream && other.to.some((p) => accountOf(p) === 'READERS'),
  );
  const durable = isService(to) ? to : '*';
  const exported = hasReaders ? '*' : durable;
  return [
    { ...service(STORE, next(stream, durable), account, 'Stream'), exported: next(stream, exported) },
    { ...service(STORE, ack(stream, durable), account), exported: ack(stream, exported) },
  ];
}

/** What a node tells goes to the service that offers to hear it; what a service tells all nodes, they take from it. */
function told({ from, to, subject }: Feed): Offer {
  if (to !== 'node') return service(accountOf(to), patternOf(subject), accountOf(from));
  return { account: accountOf(from), subject: patternOf(subject), type: 'stream', importedBy: accountOf(to) };
}

function offers(entry: Entry): Offer[] {
  switch (entry.kind) {
    case 'request':
      return entry.from.map((from) => service(accountOf(entry.to), patternOf(entry.subject), accountOf(from)));
    case 'feed':
      return [told(entry)];
    case 'event':
      return [...senders(entry), ...entry.to.flatMap((to) => receiver(entry, to))];
    case 'state': {
      const subject = patternOf(entry.subject);
      const get = directGet(entry.stream, subject);
      const owner = accountOf(entry.from);
      const node = accountOf(entry.to);
      return [
        service(STORE, subject, owner),
        service(STORE, get, owner),
        service(STORE, get, node),
        { account: STORE, subject: patternOf(entry.push), type: 'stream', importedBy: node },
      ];
    }
    default:
      return entry satisfies never;
  }
}

function unique<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

export function layout(): Layout {
  const imports = entries
    .flatMap(([, entry]) => offers(entry))
    .map((offer): Import => ({ ...offer, exported: offer.exported ?? offer.subject }));
  const exports = imports.map(
    ({ account, exported, type, response }): Export => ({
      account,
      subject: exported,
      type,
      ...(response ? { response } : {}),
    }),
  );
  return {
    exports: unique(exports, (e) => `${e.account} ${e.type} ${e.subject}`),
    imports: unique(imports, (i) => `${i.importedBy} ${i.account} ${i.type} ${i.subject}`),
  };
}
