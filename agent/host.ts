// Facts about this machine.

import { readFileSync } from 'node:fs';
import { arch, availableParallelism, hostname, platform, release, totalmem } from 'node:os';
import type { Facts } from '#subjects/schema/node.ts';

export function hostFacts(): Facts {
  return {
    hostname: hostname().slice(0, 128),
    os: systemName().slice(0, 128),
    arch: arch(),
    kernel: release().slice(0, 128),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
  };
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? platform();
  } catch {
    return platform();
  }
}
