// Begins to follow logs, as soon as the disk lets it: stacks run without, and where reading was left stays known.
import { type LogShipping, type LogsParts, ship } from './ship.ts';

const RETRY_MS = 5_000;

export function startLogs(parts: LogsParts): LogShipping {
  let running: LogShipping | null = null;
  let timer: NodeJS.Timeout | undefined;

  function begin(): void {
    try {
      running = ship(parts);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      parts.log.warn({ error }, 'logs can not be followed; it is tried again');
      parts.onCondition('logs-unwritable', true, `the database of logs can not be opened: ${reason}`);
      timer = setTimeout(begin, RETRY_MS);
      timer.unref();
    }
  }

  begin();
  return {
    documentChanged: () => running?.documentChanged(),
    linkIsBack: () => running?.linkIsBack(),
    caughtUp: async (stack) => running?.caughtUp(stack),
    async stop() {
      clearTimeout(timer);
      await running?.stop();
    },
  };
}
