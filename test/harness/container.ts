// A container that runs and of which there is nothing to say, when a test is about something else.
import type { SeenContainer } from '#agent/stacks/model.ts';

export const PLAIN_CONTAINER: SeenContainer = {
  id: 'id',
  name: 'web-a-1',
  stack: 'web',
  service: 'a',
  image: 'busybox',
  state: 'running',
  health: null,
  exitCode: null,
  oomKilled: false,
  restarts: 0,
  startedAt: null,
  restartPolicy: 'no',
  startError: null,
  isStopAsked: false,
  lastExit: null,
  configHash: 'c',
  imageId: 'sha256:i',
  taggedId: 'sha256:i',
  settings: { memory: '64' },
  mounts: [],
};
