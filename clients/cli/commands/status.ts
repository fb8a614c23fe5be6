// overseer status: is everything there.
import type { Command } from 'commander';
import { bodyOf } from '#clients/sdk/client.ts';
import { EXIT } from '../failure.ts';
import { showOne } from '../output/render.ts';
import { table } from '../output/table.ts';
import { age } from '../output/words.ts';
import { sessionOf } from '../session.ts';
import { withExample } from './example.ts';

export function statusCommand(program: Command): void {
  const status = program
    .command('status')
    .description('the core, its services, and counts')
    .action(async (_, command: Command) => {
      const { api, view, connection } = sessionOf(command);
      const core = await bodyOf(api.GET('/api/status'));
      const summary = core.ready ? await bodyOf(api.GET('/api/summary')) : null;
      const text = () => {
        const services = table(
          [
            { title: 'SERVICE', of: ({ service }) => service },
            { title: 'STATE', of: ({ state }) => state },
            { title: 'VERSION', of: ({ version }) => version ?? '-' },
            { title: 'UP', of: ({ startedAt }) => age(startedAt, Date.now()) },
          ],
          core.services,
          { headers: view.headers, wide: false, width: view.width },
        );
        if (!summary) return services;
        const { nodes, stacks } = summary;
        const away = nodes.total - nodes.online;
        return `${services}\n${connection.url}: ${nodes.online} of ${nodes.total} nodes online${
          away > 0 ? ` (${away} not)` : ''
        }, ${stacks.total} stacks${stacks.failed > 0 ? ` (${stacks.failed} failed)` : ''}\n`;
      };
      showOne(view, { name: () => 'core', id: () => connection.url }, { ...core, summary }, text);
      if (!core.ready) process.exitCode = EXIT.failed;
    });
  withExample(status, 'status');
}
