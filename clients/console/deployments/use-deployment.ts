// One deployment, followed by its own stream while it runs and read once when it is over.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { deployment as deploymentQuery } from '../api/queries.ts';
import type { Deployment } from '../api/shapes.ts';
import { follow, type Place, type StreamState } from '../live/stream.ts';
import { useVisible } from '../live/visible.ts';
import { type Followed, followed, joined, NOTHING_YET, type Told } from './live-steps.ts';

/** Lines come in bursts; the page is drawn at most so often. */
const DRAWN_EVERY_MS = 80;

function useFollowed(id: string, wanted: boolean): { followed: Followed; stream: StreamState } {
  const visible = useVisible();
  const [held, setHeld] = useState(NOTHING_YET);
  const [stream, setStream] = useState<StreamState>({ kind: 'connecting' });
  const place = useRef<Place>({ lastId: null, wasLive: false });
  const { isOver } = held;
  useEffect(() => {
    if (!wanted || !visible || isOver) return;
    const stop = new AbortController();
    let waiting: Told[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      const news = waiting;
      waiting = [];
      setHeld((before) => followed(before, news));
    };
    const onMessage = ({ event, data }: Told) => {
      waiting.push({ event, data });
      if (event === 'end') stop.abort();
      timer ??= setTimeout(draw, DRAWN_EVERY_MS);
    };
    const address = `/api/deployments/${encodeURIComponent(id)}`;
    void follow(address, { onState: setStream, onMessage, onLive: () => {} }, place.current, stop.signal);
    return () => {
      stop.abort();
      clearTimeout(timer);
      // What has come counts: the next connection goes on after it.
      if (waiting.length > 0) draw();
    };
  }, [id, wanted, visible, isOver]);
  return { followed: held, stream };
}

export function useDeployment(id: string): {
  deployment: Deployment | undefined;
  error: Error | null;
  isPaused: boolean;
  refetch: () => void;
} {
  const { data: answer, error, refetch } = useQuery(deploymentQuery(id));
  const [wasOpen, setWasOpen] = useState(false);
  if (!wasOpen && answer?.finishedAt === null) setWasOpen(true);
  const { followed: live, stream } = useFollowed(id, wasOpen);
  const deployment = useMemo(() => joined(live.deployment, answer), [live.deployment, answer]);
  const isPaused = stream.kind === 'down' && !live.isOver;
  return { deployment, error, isPaused, refetch: () => void refetch() };
}
