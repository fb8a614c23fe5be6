// What some stacks of the stand-in's world have and others have not: drift, a repository, moved images, settings, a failure.
import type { Deployment } from '#subjects/schema/deployment.ts';
import type { StackDetail, StackOnNode } from '#subjects/schema/stack.ts';
import { ago } from './ids.ts';

export const COMPOSE = `# Front page and its cache
services:
  web:
    image: nginx:1.27.4
    ports: ["8080:80"]
    environment:
      GREETING: \${GREETING:-hello}
    depends_on:
      cache: { condition: service_healthy }
  cache:
    image: redis:7.4-alpine
    volumes: ["cache:/data"]
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 5s
volumes:
  cache: {}
`;

export const DRIFT: StackOnNode['drift'] = [
  {
    kind: 'config',
    service: 'web',
    container: 'shop-web-1',
    subject: 'HostConfig.PortBindings',
    expected: '8080:80/tcp',
    actual: '8081:80/tcp',
  },
  { kind: 'stopped', service: 'cache', container: 'shop-cache-1', subject: null, expected: null, actual: null },
  {
    kind: 'file',
    service: null,
    container: null,
    subject: 'compose.yaml',
    expected: 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
    actual: 'sha256:0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8',
  },
];

export function sourceOf(now: number): StackDetail['source'] {
  const commit = '4f1c0de95a7b22d3e8f6a1b0c9d8e7f60a1b2c3d';
  return { commit, seen: commit, checkedAt: ago(now, 74), error: null };
}

export function imagesOf(now: number): StackDetail['images'] {
  const [pinned, newest] = ['ab12cd34ef56', '99ffee001122'].map((start) => `sha256:${start.padEnd(64, '0')}`);
  const seen = { checkedAt: ago(now, 1800), error: null };
  return [
    { service: 'web', image: 'nginx:1.27.4', pinned: pinned ?? null, newest: newest ?? null, ...seen },
    { service: 'cache', image: 'redis:7.4-alpine', pinned: pinned ?? null, newest: pinned ?? null, ...seen },
  ];
}

export function specOf(name: string, targets: StackDetail['targets']): StackDetail['spec'] {
  const env = { GREETING: 'good day', TAG: '1.27.4' };
  if (name === 'web') {
    const source = { repository: 'https://git.example.com/team/stacks.git', ref: 'main', path: 'web' };
    return {
      source: { ...source, credential: 'deploy-key' },
      env,
      targets,
      strategy: { batch: '25%', pauseSeconds: 30, gate: 'manual' },
      images: { policy: 'notify' },
      dependsOn: ['metrics'],
    };
  }
  if (name !== 'shop') return { compose: COMPOSE, env, targets };
  return {
    compose: COMPOSE,
    env,
    targets,
    drift: 'report',
    profiles: ['backup'],
    secrets: { 'db-password': { services: ['web'], environment: 'DB_PASSWORD' } },
  };
}

export const FAILURE: Deployment['targets'][number]['failure'] = {
  service: 'web',
  container: 'notes-web-1',
  exitCode: 1,
  lines: [
    '2026/11/23 22:04:11 [notice] 1#1: using the "epoll" event method',
    '2026/11/23 22:04:12 [emerg] 1#1: host not found in upstream "cachee" in /etc/nginx/conf.d/default.conf:12',
    '\u001b[31mnginx: [emerg] host not found in upstream "cachee"\u001b[0m',
  ],
};
