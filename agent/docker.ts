// The only door to the Engine API: what exists, what happens. Changes go through Compose. Every question has a deadline,
// because an engine can hang without closing its socket.
import type Dockerode from 'dockerode';
import type { Stoppable } from '#infra/nats/bus.ts';

export type ListedContainer = Dockerode.ContainerInfo;
export type InspectedContainer = Dockerode.ContainerInspectInfo;
export type ListedImage = Dockerode.ImageInfo;
export type ListedNetwork = Dockerode.NetworkInspectInfo;

export interface EngineEvent {
  readonly type: 'container' | 'image';
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export type LogStream = AsyncIterable<Buffer> & { destroy(): void };

export interface Engine {
  /** Containers of any compose project, running or not. */
  composeContainers(): Promise<ListedContainer[]>;
  /** Null when it is gone. */
  inspect(id: string): Promise<InspectedContainer | null>;
  hasImage(reference: string): Promise<boolean>;
  /** Null when it is not here. */
  imageId(reference: string): Promise<string | null>;
  images(): Promise<ListedImage[]>;
  /** When it was last given a name here, in milliseconds since 1970; null when that can't be told. */
  imageFreshAt(id: string): Promise<number | null>;
  /** By a name: takes the name away, and the image with its last one. @returns false when something holds it, or it is gone */
  removeImage(reference: string): Promise<boolean>;
  /** Of anybody, running or not. */
  allContainers(): Promise<ListedContainer[]>;
  networks(): Promise<ListedNetwork[]>;
  /** As the image says, '' when it says nothing; null when it is not here. */
  imageUser(reference: string): Promise<string | null>;
  /** Id of the image that each tag here names, as the engine writes it: `busybox:latest`. */
  imageTags(): Promise<ReadonlyMap<string, string>>;
  /** The end of what a container wrote, as the engine sends it. */
  logTail(id: string, lines: number): Promise<Buffer>;
  /**
   * All that a container wrote since then and writes from now on, with times, as the engine sends it. Ends with the container.
   * @param since nanoseconds since 1970, inclusive; null: from the begin
   */
  logStream(id: string, since: string | null): Promise<LogStream>;
  version(): Promise<string>;
  /** Container and image events; `onOpen` each time a stream begins, since whatever came before it may have been missed. */
  events(onEvent: (event: EngineEvent) => void, onOpen: () => void): Stoppable;
}

export const DEFAULT_DOCKER_HOST = 'unix:///var/run/docker.sock';
export const PROJECT_LABEL = 'com.docker.compose.project';

const ANSWER_DEADLINE_MS = 15_000;
const REOPEN_MS = 1_000;
/** Without a filter by label: images have none that says whose they are. */
const EVENT_FILTERS = {
  type: ['container', 'image'],
  event: [
    ...['start', 'die', 'oom', 'health_status', 'destroy', 'pause', 'unpause', 'kill', 'stop', 'update', 'rename'],
    ...['tag', 'untag', 'delete', 'pull', 'load', 'import'],
  ],
};

export function openEngine(host: string, deadlineMs = ANSWER_DEADLINE_MS): Engine {
  // Loaded at the first question: enrolling and asking for help need none of it.
  const connect = (options: object) => {
    let client: Promise<Dockerode> | undefined;
    return () => {
      client ??= import('dockerode').then(({ default: Docker }) => new Docker({ ...addressOf(host), ...options }));
      return client;
    };
  };
  // The deadline is the socket's: not every call of the library takes a signal. Events may be silent for ever.
  const asking = connect({ timeout: deadlineMs });
  const listening = connect({});

  return {
    async composeContainers() {
      return (await asking()).listContainers({ all: true, filters: { label: [PROJECT_LABEL] } });
    },
    async inspect(id) {
      return (await asking()).getContainer(id).inspect().catch(nullWhenGone);
    },
    async hasImage(reference) {
      return (await (await asking()).getImage(reference).inspect().catch(nullWhenRefused)) !== null;
    },
    async imageId(reference) {
      return (await (await asking()).getImage(reference).inspect().catch(nullWhenRefused))?.Id ?? null;
    },
    async images() {
      return (await asking()).listImages();
    },
    async imageFreshAt(id) {
      const found = await (await asking()).getImage(id).inspect().catch(nullWhenRefused);
      // Not in the library's types.
      const { Metadata } = (found ?? {}) as { Metadata?: { LastTagTime?: string } };
      const at = Date.parse(Metadata?.LastTagTime ?? '');
      return Number.isFinite(at) && at > 0 ? at : null;
    },
    async removeImage(reference) {
      return (await asking())
        .getImage(reference)
        .remove()
        .then(() => true, falseWhenHeld);
    },
    async allContainers() {
      return (await asking()).listContainers({ all: true });
    },
    async networks() {
      return (await asking()).listNetworks();
    },
    async imageTags() {
      const images = await (await asking()).listImages();
      return new Map(images.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((tag) => [tag, Id] as const)));
    },
    async logTail(id, lines) {
      return (await asking()).getContainer(id).logs({ stdout: true, stderr: true, tail: lines, follow: false });
    },
    async logStream(id, since) {
      const options = { stdout: true, stderr: true, timestamps: true, follow: true, since: sinceText(since) };
      const stream = await (await listening())
        .getContainer(id)
        .logs(options as Dockerode.ContainerLogsOptions & { follow: true });
      return stream as unknown as LogStream;
    },
    async imageUser(reference) {
      const image = await (await asking()).getImage(reference).inspect().catch(nullWhenRefused);
      return image === null ? null : (image.Config?.User ?? '');
    },
    async version() {
      return (await (await asking()).version()).Version;
    },
    events: (onEvent, onOpen) => watch(listening, onEvent, onOpen),
  };
}

/** Seconds with a fraction, which no number holds. */
function sinceText(since: string | null): string {
  if (since === null) return '0';
  const digits = since.padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

function falseWhenHeld(error: unknown): false {
  if (error instanceof Error && 'statusCode' in error && [404, 409].includes(Number(error.statusCode))) return false;
  throw error;
}

/** A name that is none is answered 400, a damaged image 500: one image's fault must not look like the engine's. */
function nullWhenRefused(error: unknown): null {
  if (error instanceof Error && 'statusCode' in error && Number(error.statusCode) >= 400) return null;
  throw error;
}

function nullWhenGone(error: unknown): null {
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return null;
  throw error;
}

function addressOf(host: string): Dockerode.DockerOptions {
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  const { hostname, port, protocol } = new URL(host);
  if (protocol !== 'tcp:' && protocol !== 'http:') throw new Error(`DOCKER_HOST ${host} is neither unix:// nor tcp://`);
  return { protocol: 'http', host: hostname, port: port || '2375' };
}

function watch(docker: () => Promise<Dockerode>, onEvent: (event: EngineEvent) => void, onOpen: () => void): Stoppable {
  const stopping = new AbortController();
  let wake = () => {};

  async function once(): Promise<void> {
    const options = { filters: EVENT_FILTERS, abortSignal: stopping.signal };
    const stream = await (await docker()).getEvents(options as unknown as Dockerode.GetEventsOptions);
    onOpen();
    let rest = '';
    stream.setEncoding('utf8');
    for await (const piece of stream) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = parseEvent(line);
        if (event) onEvent(event);
      }
    }
  }

  async function keepWatching(): Promise<void> {
    while (!stopping.signal.aborted) {
      // An engine that is away is noticed, and said, by whoever asks it what runs.
      await once().catch(() => {});
      if (stopping.signal.aborted) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, REOPEN_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  const done = keepWatching();
  return {
    async stop() {
      stopping.abort();
      wake();
      await done;
    },
  };
}

function parseEvent(line: string): EngineEvent | null {
  try {
    const { Type, Action, Actor } = JSON.parse(line) as {
      Type: EngineEvent['type'];
      Action: string;
      Actor: { ID: string; Attributes: Record<string, string> };
    };
    return { type: Type, action: Action, id: Actor.ID, attributes: Actor.Attributes };
  } catch {
    return null;
  }
}
