// Pure: one container as the engine describes it, in the words of the model.
import * as z from 'zod/mini';
import { type InspectedContainer, type ListedContainer, PROJECT_LABEL } from '../docker.ts';
import type { SeenContainer } from './model.ts';

const State = z.enum(['created', 'running', 'restarting', 'paused', 'exited', 'dead', 'removing']);
const Health = z.enum(['starting', 'healthy', 'unhealthy']);
const Policy = z.enum(['no', 'always', 'unless-stopped', 'on-failure']);
const compose = (name: string) => `com.docker.compose.${name}`;

export function seenContainer(listed: Pick<ListedContainer, 'Labels'>, inspected: InspectedContainer): SeenContainer {
  const { State: state, HostConfig, Config } = inspected;
  const status = State.safeParse(state.Status);
  const health = Health.safeParse(state.Health?.Status);
  const policy = Policy.safeParse(HostConfig.RestartPolicy?.Name);
  const startedAt = Date.parse(state.StartedAt);
  const hasEnded = state.Status === 'exited' || state.Status === 'restarting';
  return {
    id: inspected.Id,
    name: inspected.Name.replace(/^\//, ''),
    stack: listed.Labels[PROJECT_LABEL] ?? '',
    service: listed.Labels[compose('service')] ?? '',
    image: Config.Image,
    state: status.success ? status.data : 'dead',
    // The engine keeps the last health of a container that runs no more.
    health: health.success && state.Running ? health.data : null,
    isChecked: state.Health !== undefined,
    exitCode: hasEnded ? state.ExitCode : null,
    oomKilled: state.OOMKilled,
    restarts: inspected.RestartCount,
    startedAt: Number.isFinite(startedAt) && startedAt > 0 ? startedAt : null,
    restartPolicy: policy.success ? policy.data : 'no',
    startError: state.Error === '' || state.Running ? null : state.Error,
    isStopAsked: false,
    lastExit: hasEnded ? { code: state.ExitCode, oom: state.OOMKilled } : null,
    configHash: listed.Labels[compose('config-hash')] ?? null,
    imageId: inspected.Image,
    taggedId: null,
    settings: settings(HostConfig),
    mounts: mounts(inspected, listed.Labels[compose('project.working_dir')]),
  };
}

/** What `docker update` can change; what is not set is left out. */
function settings(host: InspectedContainer['HostConfig']): Record<string, string> {
  const { Name = '', MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  const all: Record<string, string | number | null | undefined> = {
    memory: host.Memory,
    'memory-swap': host.MemorySwap,
    'memory-reservation': host.MemoryReservation,
    cpus: host.NanoCpus,
    'cpu-shares': host.CpuShares,
    'cpu-quota': host.CpuQuota,
    'cpuset-cpus': host.CpusetCpus,
    'pids-limit': host.PidsLimit,
    restart: MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name,
  };
  const set = Object.entries(all).filter(
    ([, value]) => value !== undefined && value !== null && value !== '' && value !== 0,
  );
  return Object.fromEntries(set.map(([name, value]) => [name, String(value)]));
}

function mounts({ Mounts }: InspectedContainer, directory: string | undefined): string[] {
  if (directory === undefined) return [];
  const sources = Mounts.filter(({ Type }) => Type === 'bind').map(({ Source }) => Source);
  const within = sources.filter((source) => source === directory || source.startsWith(`${directory}/`));
  return within.map((source) => source.slice(directory.length + 1)).toSorted();
}
