// overseer audit: who did what, and whether what is kept of it is what was written.
import type { Command } from 'commander';
import { bodyOf, type Schemas } from '#clients/sdk/client.ts';
import { checkpointName } from '#infra/audit/verify-export.ts';
import { exportAudit } from '../audit/export.ts';
import { fileVerdict, keptCheckpoint, verdict, verifyByCore, verifyFile } from '../audit/verify.ts';
import { EXIT, Failure } from '../failure.ts';
import { moment, wholeNumber } from '../options.ts';
import { type Kind, showList, showOne } from '../output/render.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';

const kind: Kind<Schemas['AuditList']['items'][number]> = {
  name: ({ id }) => `audit/${id}`,
  id: ({ id }) => id,
  none: 'No audit records yet.',
  columns: [
    { title: 'TIME', of: ({ at }) => at },
    { title: 'WHO', of: ({ actor }) => `${actor.kind}/${actor.id}` },
    { title: 'ACTION', of: ({ action }) => action },
    { title: 'OBJECT', of: ({ object }) => object },
    { title: 'OUTCOME', of: ({ outcome, code }) => (code === null ? outcome : `${outcome}: ${code}`) },
    { title: 'FROM', of: ({ actor }) => actor.origin ?? '-', wide: true },
    { title: 'REQUEST', of: ({ actor }) => actor.requestId, wide: true },
    { title: 'FAULT', of: ({ fault }) => fault ?? '-', wide: true },
  ],
};

const time = (text: string) => moment(text, Date.now()).at;
const given = <T extends object>(options: T) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

function listing(audit: Command): void {
  const command = audit
    .command('ls')
    .description('list audit records, newest first')
    .option('--limit <count>', 'how many', wholeNumber, 50)
    .option('--action <action>', 'of this action only, as stack.put')
    .option('--object <object>', 'of this object only, as stacks/web')
    .option('--actor <id>', 'of whoever asked')
    .option('--request <id>', 'of one call')
    .option('--deployment <id>', 'of one deployment, on its nodes too')
    .action(async ({ limit, action, object, actor, request, deployment }, self: Command) => {
      const { api, view, note } = sessionOf(self);
      const query = given({ limit, action, object, actor, request, deployment });
      const { items } = await bodyOf(api.GET('/api/audit', { params: { query } }));
      showList(view, kind, items, note);
    });
  withExample(command, 'audit ls --object stacks/web');
}

function verifying(audit: Command): void {
  const command = audit
    .command('verify')
    .description('is it what was written? names the first bad place; exits with 0: yes, 7: no')
    .option('--from <time>', 'records received from then on; those before are trusted', time)
    .option('--to <time>', 'records received before then', time)
    .option('--agents', 'compare with the checkpoints that the nodes hold')
    .option('--checkpoint <file>', 'compare with one that was kept')
    .option('--file <export>', 'verify an exported audit, without a core')
    .action(async ({ from, to, agents, checkpoint, file }, self: Command) => {
      const session = sessionOf(self);
      const kept = checkpoint === undefined ? null : keptCheckpoint(session, checkpoint);
      if (file !== undefined) {
        if (from ?? to ?? agents) {
          throw new Failure(EXIT.usage, 'An exported audit is verified as it is: leave out all but --checkpoint.');
        }
        const found = await verifyFile(session, file, kept);
        const parts = { name: () => `audit/${file}`, id: () => String(found.faults.length === 0) };
        showOne(session.view, parts, { valid: found.faults.length === 0, ...found }, () => `${fileVerdict(found)}\n`);
        if (found.faults.length > 0) process.exitCode = EXIT.untrue;
        return;
      }
      const name = kept === null ? undefined : checkpointName(kept);
      const found = await verifyByCore(session, given({ from, to, agents, checkpoint: name }));
      const parts = { name: () => 'audit', id: () => String(found.valid) };
      showOne(session.view, parts, found, () => `${verdict(found)}\n`);
      if (!found.valid) process.exitCode = EXIT.untrue;
    });
  withExample(command, 'audit verify --agents');
}

function exporting(audit: Command): void {
  const command = audit
    .command('export')
    .description('the audit as NDJSON that can be verified without a core')
    .option('--from <time>', 'records received from then on', time)
    .option('--to <time>', 'records received before then', time)
    .option('--out <file>', 'into this file, which is there only when it is whole')
    .action(async ({ from, to, out }, self: Command) => {
      const session = sessionOf(self);
      await exportAudit(session, given({ from, to }), out ?? null);
      if (out !== undefined) session.note(`Exported to ${out}. Verify it by: overseer audit verify --file ${out}`);
    });
  withExample(command, 'audit export --out audit.ndjson');

  const keeping = audit
    .command('checkpoint')
    .description('the newest checkpoint, signed; kept elsewhere it is a witness')
    .action(async (_, self: Command) => {
      const { api, view } = sessionOf(self);
      const { newest } = await bodyOf(api.GET('/api/audit/summary'));
      if (newest === null) throw new Failure(EXIT.notFound, 'There is no checkpoint yet.', 'One is made every minute.');
      const parts = {
        name: () => `checkpoints/${newest.checkpoint.number}`,
        id: () => String(newest.checkpoint.number),
      };
      showOne(view, parts, newest, () => `${JSON.stringify(newest)}\n`);
    });
  withExample(keeping, 'audit checkpoint > checkpoint.json');
}

export function auditCommands(program: Command): void {
  const audit = program.command('audit').description('who did what, and whether that is what was written');
  listing(audit);
  verifying(audit);
  exporting(audit);
}
