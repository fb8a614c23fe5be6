// A report of a node with many containers, no two of them alike.
import { randomBytes } from 'node:crypto';
import { newId } from '#infra/ids.ts';
import type { Report } from '#subjects/schema/report.ts';

const PER_STACK = 40;

export function reportOf(containers: number): Report {
  const services = Array.from({ length: containers }, (_, index) => ({
    ...{ name: `service-${index % PER_STACK}`, container: `stack-service-${index}` },
    image: `registry.example/team/service-${index % PER_STACK}@sha256:${randomBytes(32).toString('hex')}`,
    ...{ state: 'running' as const, health: 'healthy' as const, exitCode: null, restarts: index % 3 },
    startedAt: new Date(Date.now() - index * 1234).toISOString(),
  }));
  const stacks = Array.from({ length: Math.ceil(containers / PER_STACK) }, (_, index) => ({
    ...{ name: `stack-${index}`, revision: 1, deployment: newId(), hash: randomBytes(32).toString('hex') },
    ...{ phase: 'running' as const, reason: null, drift: [], settled: null },
    services: services.slice(index * PER_STACK, (index + 1) * PER_STACK),
  }));
  return {
    ...{ kind: 'report', bootId: newId(), agentVersion: 'test', at: new Date().toISOString(), document: null },
    ...{ observedGeneration: 1, stacks, unmanaged: [], conditions: [] },
    facts: { hostname: 'h', os: 'linux', arch: 'x64', kernel: '6', cpus: 1, memoryBytes: 1 },
  };
}
