// What a Docker Engine itself says of its containers: the witness of every test, asked over its socket.
import { request } from 'node:http';

export interface Container {
  readonly id: string;
  readonly stack: string;
  readonly service: string;
  readonly state: string;
  readonly health: string | null;
  readonly startedAt: string;
  readonly environment: readonly string[];
}

export interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

interface Inspected {
  readonly Id: string;
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>>; readonly Env: readonly string[] };
}

function ask(socketPath: string, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, timeout: 15_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => {
        if ((answer.statusCode ?? 500) < 400) resolve(text);
        else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
      });
      answer.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer`)));
    call.on('error', reject);
    call.end();
  });
}

function described(inspected: Inspected): Container {
  const { Labels } = inspected.Config;
  return {
    id: inspected.Id,
    stack: Labels['com.docker.compose.project'] ?? '',
    service: Labels['com.docker.compose.service'] ?? '',
    state: inspected.State.Status,
    health: inspected.State.Health?.Status ?? null,
    startedAt: inspected.State.StartedAt,
    environment: inspected.Config.Env,
  };
}

export class Engine {
  readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  async ping(): Promise<boolean> {
    return (await ask(this.socket, 'GET', '/_ping')) === 'OK';
  }

  /** Containers that Compose made, running or not, by stack and service. */
  async containers(): Promise<Container[]> {
    const listed = JSON.parse(await ask(this.socket, 'GET', '/containers/json?all=1')) as { Id: string }[];
    const inspected = await Promise.all(
      listed.map(({ Id }) => ask(this.socket, 'GET', `/containers/${Id}/json`).then((text) => JSON.parse(text))),
    );
    return (inspected as Inspected[])
      .map(described)
      .filter(({ stack }) => stack !== '')
      .sort((a, b) => `${a.stack} ${a.service}`.localeCompare(`${b.stack} ${b.service}`));
  }

  /** Stack and service of every running container. */
  async running(): Promise<string[]> {
    return (await this.containers())
      .filter(({ state }) => state === 'running')
      .map(({ stack, service }) => `${stack}/${service}`);
  }

  /** What must not change where nothing was asked for. */
  async identity(): Promise<Record<string, string>> {
    const containers = await this.containers();
    return Object.fromEntries(containers.map((c) => [`${c.stack}/${c.service}`, `${c.id} ${c.startedAt}`]));
  }

  /** Main process of every running container, as this machine numbers it. */
  async processes(): Promise<number[]> {
    const listed = JSON.parse(await ask(this.socket, 'GET', '/containers/json')) as { Id: string }[];
    const inspected = await Promise.all(
      listed.map(({ Id }) => ask(this.socket, 'GET', `/containers/${Id}/json`).then((text) => JSON.parse(text))),
    );
    return inspected.map(({ State }) => State.Pid as number).filter((pid) => pid > 0);
  }

  async kill(id: string): Promise<void> {
    await ask(this.socket, 'POST', `/containers/${id}/kill`);
  }

  async remove(id: string): Promise<void> {
    await ask(this.socket, 'DELETE', `/containers/${id}?force=1`);
  }

  /** Names of volumes. */
  async volumes(): Promise<string[]> {
    const { Volumes } = JSON.parse(await ask(this.socket, 'GET', '/volumes')) as { Volumes: { Name: string }[] | null };
    return (Volumes ?? []).map(({ Name }) => Name).sort();
  }

  /** Everything the engine did to containers since then. */
  async events(sinceMs: number): Promise<EngineEvent[]> {
    const filters = encodeURIComponent(JSON.stringify({ type: ['container'] }));
    const until = Math.ceil(Date.now() / 1000) + 1;
    const text = await ask(
      this.socket,
      'GET',
      `/events?since=${(sinceMs / 1000).toFixed(3)}&until=${until}&filters=${filters}`,
    );
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as EngineEvent);
  }
}
