// Work of many senders, so much at a time: they take turns, and one that sends much holds no more than its part. Two pieces
// of work begin with a breath between them, so that a long queue of short work keeps nobody from being heard.
export interface Lanes {
  /** Resolves or rejects as the work does. */
  run(lane: string, work: () => Promise<void>): Promise<void>;
}

/** @param atOnce of all lanes together @param perLane of one */
export function lanes(atOnce: number, perLane: number): Lanes {
  /** In the order of their turns. */
  const waiting = new Map<string, (() => Promise<void>)[]>();
  const running = new Map<string, number>();
  let total = 0;
  let isBreathing = false;

  function next(): (() => Promise<void>) | null {
    if (total >= atOnce) return null;
    for (const [lane, queue] of waiting) {
      if ((running.get(lane) ?? 0) >= perLane) continue;
      const work = queue.shift();
      waiting.delete(lane);
      if (queue.length > 0) waiting.set(lane, queue);
      if (work) return work;
    }
    return null;
  }

  function begin(): void {
    if (isBreathing) return;
    const work = next();
    if (work === null) return;
    isBreathing = true;
    void work();
    setImmediate(() => {
      isBreathing = false;
      begin();
    });
  }

  return {
    run(lane, work) {
      const done = Promise.withResolvers<void>();
      const whole = async () => {
        total += 1;
        running.set(lane, (running.get(lane) ?? 0) + 1);
        try {
          await work();
          done.resolve();
        } catch (error) {
          done.reject(error);
        } finally {
          total -= 1;
          const left = (running.get(lane) ?? 1) - 1;
          if (left === 0) running.delete(lane);
          else running.set(lane, left);
          begin();
        }
      };
      const queue = waiting.get(lane);
      if (queue) queue.push(whole);
      else waiting.set(lane, [whole]);
      begin();
      return done.promise;
    },
  };
}
