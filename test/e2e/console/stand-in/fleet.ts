// A fleet as a real one looks: mostly well, some of it not.
import type { Labels } from '#subjects/schema/ids.ts';
import type { Liveness, Node } from '#subjects/schema/node.ts';
import { ago, idOf } from './ids.ts';

const SITES = ['nas', 'web-eu', 'web-us', 'db-eu', 'edge', 'ci', 'cabin-pi', 'cam'] as const;
const REGIONS = ['eu-1', 'eu-2', 'us-1', 'home'] as const;
const SYSTEMS = ['Debian 12', 'Debian 13', 'Ubuntu 24.04', 'Raspberry Pi OS 12'] as const;

function livenessOf(number: number): Liveness {
  if (number % 61 === 7) return 'offline';
  if (number % 97 === 11) return 'suspect';
  return number % 251 === 13 ? 'pending' : 'online';
}

function labelsOf(number: number, site: string): Labels {
  return {
    env: number % 3 === 0 ? 'prod' : number % 3 === 1 ? 'staging' : 'home',
    region: REGIONS[number % REGIONS.length] ?? 'home',
    ...(site.startsWith('web') ? { role: 'web' } : {}),
    ...(number % 5 === 0 ? { gpu: 'true' } : {}),
  };
}

function lastSeen(liveness: Liveness, number: number, now: number): string | null {
  if (liveness === 'pending') return null;
  if (liveness === 'offline') return ago(now, 600 + number * 331);
  return ago(now, liveness === 'suspect' ? 34 : number % 10);
}

export function nodeOf(number: number, now: number): Node {
  const site = SITES[number % SITES.length] ?? 'nas';
  const liveness = livenessOf(number);
  const seen = lastSeen(liveness, number, now);
  const isPi = site === 'cabin-pi' || site === 'cam';
  const name = `${site}-${Math.floor(number / SITES.length) + 1}`;
  return {
    id: idOf('node', number),
    name,
    labels: labelsOf(number, site),
    liveness,
    lastSeenAt: seen,
    livenessSince: liveness === 'online' ? ago(now, 86_400 * (1 + (number % 40))) : seen,
    agentVersion: liveness === 'pending' ? null : number % 40 === 3 ? '0.0.9' : '0.1.0',
    bootId: idOf('boot', number),
    clockOffsetMs: liveness === 'pending' ? null : number % 83 === 5 ? 12_400 : (number % 7) - 3,
    observedGeneration: 41 - (liveness === 'offline' ? 2 : 0),
    heartbeatSeconds: 10,
    paused: number % 139 === 40,
    drained: number % 127 === 21,
    facts:
      liveness === 'pending'
        ? null
        : {
            hostname: name,
            os: SYSTEMS[isPi ? 3 : number % 3] ?? 'Debian 12',
            arch: isPi ? 'arm64' : 'x64',
            kernel: isPi ? '6.6.62+rpt-rpi-v8' : '6.1.0-28-amd64',
            cpus: isPi ? 4 : 2 << (number % 5),
            memoryBytes: (isPi ? 4 : 4 << (number % 5)) * 1024 ** 3,
            dockerVersion: number % 9 === 2 ? '27.5.1' : '28.2.2',
            composeVersion: '2.36.0',
          },
    ageRecipient: null,
    createdAt: ago(now, 86_400 * (3 + (number % 90))),
    credentialExpiresAt: ago(now, -86_400),
  };
}

export function fleetOf(count: number, now: number): Node[] {
  return Array.from({ length: count }, (_, number) => nodeOf(number, now));
}
