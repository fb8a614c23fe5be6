// Every place where somebody might look for a secret, each by its name, so that a control can show that each is searched.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { BusTap } from './bus-tap.ts';
import type { Scanner } from './canaries.ts';
import { databaseDump } from './database-dump.ts';
import type { EnrolledAgent } from './fleet.ts';
import type { Machine } from './machine.ts';
import type { System } from './system.ts';
import { unpacked } from './unpacked.ts';

export interface Scene {
  readonly system: System;
  readonly machine: Machine;
  readonly agent: EnrolledAgent;
  readonly tap: BusTap;
}

/** What can be asked only while the core is there. */
const OF_THE_CORE = ['database', 'streams'];
export const PLACES = [
  ...OF_THE_CORE,
  ...['bus', 'database files', 'stream files', 'core log', 'agent data', 'agent document', 'agent log'],
  ...['engine files', 'engine log', 'tmp', 'arguments', 'environments', 'docker inspect'],
];

function inspected({ machine }: Scene): string {
  return execFileSync('sh', ['-c', 'docker ps -aq | xargs -r docker inspect'], {
    env: { PATH: process.env['PATH'], DOCKER_HOST: machine.dockerHost },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
}

export function filesOf({ system, machine, agent }: Pick<Scene, 'system' | 'machine' | 'agent'>) {
  return {
    'database files': `${system.data}/postgres`,
    'stream files': `${system.data}/nats`,
    'core log': `${dirname(system.data)}/output.log`,
    'agent data': agent.data,
    'agent log': agent.log,
    'engine files': machine.engineRoot,
    'engine log': `${machine.folder}/dockerd.log`,
  };
}

/** What was found, by the place; one in which nothing is has no entry. */
export async function searched(scan: Scanner, scene: Scene, isCoreThere = true): Promise<Record<string, string[]>> {
  const { system, machine, agent, tap } = scene;
  const found: Record<string, string[]> = {};
  const tell = (place: string, what: readonly string[]) => {
    if (what.length > 0) found[place] = what.slice(0, 5).map((line) => line.slice(0, 200));
  };
  if (isCoreThere) {
    tell('database', scan.texts(await databaseDump(system)));
    tell('streams', scan.texts(await tap.stored()));
  }
  tell('bus', scan.texts(tap.captured));
  for (const [place, path] of Object.entries(filesOf(scene))) {
    if (!existsSync(path)) throw new Error(`${place}: there is no ${path}`);
    tell(place, scan.files([path]).map(pathOf));
  }
  // Whatever else lies in the folders of both, and in nobody's.
  const own = [basename(machine.engineRoot), 'postgres', 'nats'];
  tell('other files', scan.files([dirname(system.data), machine.folder], own).map(pathOf));
  const leftOut = [basename(machine.folder), basename(dirname(system.data)), 'ovl-*'];
  tell('tmp', scan.files(['/tmp'], leftOut).map(pathOf));
  tell('agent document', scan.texts([unpacked(readFileSync(`${agent.data}/desired.bin`))]));
  const processes = scan.processes(new Set([process.pid]));
  tell(
    'arguments',
    processes.filter((file) => file.endsWith('cmdline')),
  );
  tell(
    'environments',
    processes.filter((file) => file.endsWith('environ')),
  );
  tell('docker inspect', scan.texts([inspected(scene)]));
  return found;
}

/** The form itself is no matter of a log. */
function pathOf(line: string): string {
  return line.split(':')[0] ?? '';
}
