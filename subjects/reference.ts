// The contract as a page for people: every message, who may say and hear what, what is kept. Written to SUBJECTS.md.
import { layout } from './accounts.ts';
import { contract, entries, type MessageName } from './contract.ts';
import type { Entry } from './define.ts';
import { template } from './permissions.ts';
import { accountOf, PRINCIPALS } from './principals.ts';
import { streamPlans } from './streams.ts';

const TITLES: Readonly<Record<Entry['kind'], string>> = {
  request: 'Requests: ask one, wait for one answer',
  event: 'Events: facts, kept until acknowledged',
  feed: 'Feeds: lossy telemetry',
  state: 'State: the last value wins',
};

const code = (text: string) => `\`${text}\``;
const codes = (texts: readonly string[]) => texts.map(code).join(', ');

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

function facts(name: MessageName, entry: Entry): string[] {
  const from = [entry.from].flat().join(', ');
  const to = [entry.to].flat().join(', ');
  const kept = 'stream' in entry ? entry.stream : '';
  const pushed = entry.kind === 'state' ? `<br>pushed on ${code(entry.push)}` : '';
  const audited = entry.kind === 'request' && entry.audited ? ' Audited.' : '';
  return [name, code(entry.subject) + pushed, from, to, kept, entry.doc + audited];
}

function messages(kind: Entry['kind']): string {
  const rows = entries.filter(([, entry]) => entry.kind === kind).map(([name, entry]) => facts(name, entry));
  return `### ${TITLES[kind]}\n\n${table(['message', 'subject', 'sent by', 'heard by', 'stream', 'what it is for'], rows)}`;
}

function rights(): string {
  const rows = PRINCIPALS.map((principal) => {
    const { pub, sub } = template(principal);
    return [principal, accountOf(principal), pub.map(code).join('<br>'), sub.map(code).join('<br>')];
  });
  return table(['principal', 'account', 'may publish', 'may subscribe (with the queue it must join)'], rows);
}

function borders(): string {
  const { exports, imports } = layout();
  const rows = exports.map((offered) => {
    const users = imports.filter(
      (i) => i.account === offered.account && i.type === offered.type && i.exported === offered.subject,
    );
    const said = users.map((i) => (i.subject === i.exported ? i.importedBy : `${i.importedBy} (${code(i.subject)})`));
    const type =
      offered.type === 'stream'
        ? 'stream'
        : `service, ${offered.response === 'Stream' ? 'many answers' : 'one answer'}`;
    return [offered.account, code(offered.subject), type, said.join(', ')];
  });
  return table(['account', 'exports', 'as', 'imported by'], rows);
}

function streams(): string {
  const rows = streamPlans().map((plan) => [
    plan.name,
    codes(plan.subjects),
    `${plan.retention}, discard ${plan.discard}`,
    plan.maxPerSubject < 0 ? 'any' : String(plan.maxPerSubject),
    plan.republish ? code(plan.republish.to) : '',
    plan.durables.map(({ name, filters }) => `${name} (${codes(filters)})`).join('<br>'),
  ]);
  return table(['stream', 'subjects', 'kept', 'messages a subject', 'republished to', 'durables'], rows);
}

export function referenceText(): string {
  const count = Object.keys(contract).length;
  return `<!-- Written by \`npm run generate\` from subjects/contract.ts; changes made here are lost. -->
# Subjects

All ${count} messages of Overseer. A node's id is always the third token of what it sends or hears; who sends and who hears
what is enforced by the server.

## Messages

${(['request', 'event', 'feed', 'state'] as const).map(messages).join('\n\n')}

## Rights

${rights()}

## Borders between accounts

Every import keeps its name.

${borders()}

## Streams

All in account STORE.

${streams()}
`;
}
