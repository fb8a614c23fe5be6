#!/usr/bin/env node
// overseer-agent: what a person types on a node.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { OverseerError } from '#subjects/errors.ts';
import { agentFiles, dataFolder, dockerHost } from './settings.ts';
import { AGENT_VERSION } from './version.ts';

const program = new Command('overseer-agent')
  .description('Runs on every node: makes it run what the core desires, and tells what really happens.')
  .version(AGENT_VERSION)
  // Wrong usage has an exit code of its own.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 1 ? 2 : exitCode));

interface Folder {
  data?: string;
}
const DATA = ['--data <dir>', 'where this agent keeps its state (default: /var/lib/overseer-agent for root)'] as const;

program
  .command('enroll')
  .description('add this machine to a core, with a token made there')
  .option('--url <url>', 'where the core is reached (default: as the token says)')
  .option('--token <token>', 'the enrollment token; OVERSEER_TOKEN or --token-stdin keep it out of the process list')
  .option('--token-stdin', 'read the token from standard input')
  .option('--name <name>', "this machine's host name as told to the core")
  .option(...DATA)
  .action(async (options: Folder & { url?: string; token?: string; tokenStdin?: boolean; name?: string }) => {
    const { enroll } = await import('./enroll.ts');
    const { hostFacts } = await import('./host.ts');
    const given = options.tokenStdin ? readFileSync(0, 'utf8') : (options.token ?? process.env['OVERSEER_TOKEN']);
    const token = given?.trim();
    if (!token) return program.error('error: give a token: --token, --token-stdin or OVERSEER_TOKEN', { exitCode: 2 });
    const data = dataFolder(options.data);
    const files = agentFiles(data);
    const facts = { ...hostFacts(), ...(options.name === undefined ? {} : { hostname: options.name }) };
    const node = await enroll({
      files,
      token,
      facts,
      url: options.url,
      agentVersion: AGENT_VERSION,
      now: Date.now,
    });
    const run = options.data === undefined ? 'overseer-agent run' : `overseer-agent run --data ${data}`;
    console.log(`Enrolled as ${node.name} (${node.id}). Now start it: ${run}`);
  });

program
  .command('run')
  .description('run the agent until it is told to stop; containers run on')
  .option(...DATA)
  .action(async (options: Folder) => {
    // A flood of log lines makes Node's space for young objects grow by more than the rest of the agent needs, for nothing: a
    // million lines took 330 MB, and 220 MB this way, in the same time. The space's own maximum can't be set any more by now.
    setFlagsFromString('--semi-space-growth-factor=1');
    const { runAgent } = await import('./run.ts');
    const agent = await runAgent({ files: agentFiles(dataFolder(options.data)), dockerHost: dockerHost(process.env) });
    const stop = () => {
      void agent.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });

program
  .command('doctor')
  .description('check everything this agent needs and say what to do')
  .option('-o, --output <format>', 'text or json', 'text')
  .option(...DATA)
  .action(async (options: Folder & { output: string }) => {
    const { examine, printed } = await import('./doctor.ts');
    const data = dataFolder(options.data);
    const findings = await examine(agentFiles(data), data, dockerHost(process.env));
    console.log(options.output === 'json' ? JSON.stringify(findings, null, 2) : printed(findings));
    process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
  });

try {
  await program.parseAsync();
} catch (error) {
  const code = error instanceof OverseerError ? ` (${error.code})` : '';
  console.error(`overseer-agent: ${error instanceof Error ? error.message : String(error)}${code}`);
  process.exitCode = 1;
}
