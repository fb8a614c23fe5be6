// Secrets and foreign Compose projects of the stand-in's world.
import type { Node } from '#subjects/schema/node.ts';
import type { ProjectSummary } from '#subjects/schema/project.ts';
import type { Secret } from '#subjects/schema/secret.ts';
import { ago } from './ids.ts';

export function secretsOf(nodes: readonly Node[], now: number): Secret[] {
  const secret = (name: string, version: number, stacks: string[], age: number, of: Partial<Secret> = {}): Secret => ({
    name,
    version,
    description: null,
    createdAt: ago(now, age * 3),
    updatedAt: ago(now, age),
    updatedBy: 'admin',
    stacks,
    waiting: [],
    ...of,
  });
  return [
    secret('db-password', 4, ['shop', 'wiki'], 86_400 * 3, { description: 'PostgreSQL of the shop and the wiki' }),
    secret('deploy-key', 1, ['web'], 86_400 * 40, { description: 'Reads git.example.com' }),
    secret('registry-login', 2, ['legacy-crm'], 3600 * 5, { waiting: nodes.slice(7, 8).map(({ id }) => id) }),
    secret('smtp-token', 1, [], 600),
  ];
}

export function projectsOf(nodes: readonly Node[]): Record<string, ProjectSummary[]> {
  const [, , third] = nodes;
  if (third === undefined) return {};
  const service = (name: string, project: string, image: string) => ({
    name,
    container: `${project}-${name}-1`,
    image,
    state: 'running',
    health: null,
  });
  return {
    [third.id]: [
      {
        name: 'paperless',
        place: { directory: '/opt/stacks/paperless', file: 'compose.yaml' },
        services: [
          service('web', 'paperless', 'paperless-ngx:2.14'),
          service('broker', 'paperless', 'redis:7.4-alpine'),
        ],
        obstacle: null,
      },
      {
        name: 'pihole',
        place: null,
        services: [service('pihole', 'pihole', 'pihole/pihole:2025.04')],
        obstacle: 'its compose file is not there any more: /root/pihole/docker-compose.yml',
      },
    ],
  };
}
