// `npm run -s simulate -- --nodes N --url URL --token TOKEN`: N agents in one process.
import { Command, InvalidArgumentError } from 'commander';
import { createLogger } from '#infra/logger.ts';
import { type SimulatedAgent, simulateAgent } from './simulated-agent.ts';

/** Enrollments at the same time: as many as a token's row lock lets through without a queue of retries. */
const ENROLL_AT_ONCE = 16;

function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`must be a number from ${least} to ${most}`);
  };
}

const options = new Command('simulate')
  .description('Runs agents with the real session code over containers in memory.')
  .requiredOption('--nodes <n>', 'how many', number(1, 20_000))
  .requiredOption('--url <url>', 'the gateway')
  .option('--token <token>', 'an enrollment token with as many uses', process.env['OVERSEER_TOKEN'])
  .option('--pull-ms <ms>', 'how long a pull takes', number(0, 600_000), 200)
  .option('--crash <chance>', 'chance that a container dies in a minute', number(0, 1), 0)
  .option('--refuse <chance>', 'chance that a start is refused', number(0, 1), 0)
  .option('--json', 'a line of JSON twice a second instead of progress')
  .parse()
  .opts<{
    nodes: number;
    url: string;
    token?: string;
    pullMs: number;
    crash: number;
    refuse: number;
    json?: boolean;
  }>();

const { token } = options;
if (token === undefined) {
  console.error(
    'Which token? Make one with `overseer token create --uses N` and pass it as --token or OVERSEER_TOKEN.',
  );
  process.exit(2);
}

const simulation = {
  url: options.url,
  token,
  dials: { pullMs: options.pullMs, crashPerMinute: options.crash, refuse: options.refuse },
  log: createLogger('simulated', process.env['LOG_LEVEL'] ?? 'error'),
};
const agents: SimulatedAgent[] = [];

function tell(): void {
  const line = {
    enrolled: agents.length,
    connected: agents.filter((agent) => agent.isConnected).length,
    holding: agents.filter((agent) => agent.isHolding).length,
  };
  if (options.json) console.log(JSON.stringify(line));
  else
    process.stderr.write(`\r${line.enrolled} enrolled, ${line.connected} connected, ${line.holding} hold a document `);
}

const telling = setInterval(tell, options.json ? 100 : 500);
let isEnding = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    if (isEnding) process.exit(1);
    isEnding = true;
    clearInterval(telling);
    await Promise.all(agents.map((agent) => agent.stop()));
    process.exit(0);
  });
}

let next = 0;
async function enroll(): Promise<void> {
  while (next < options.nodes && !isEnding) {
    next += 1;
    agents.push(await simulateAgent(simulation, next));
  }
}
try {
  await Promise.all(Array.from({ length: Math.min(ENROLL_AT_ONCE, options.nodes) }, enroll));
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
