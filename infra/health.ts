// Is this process ready to serve? Parts add a check each; the gateway answers /readyz from all of them.
export interface Check {
  readonly name: string;
  /** True when the part can do its work. Throwing means no. */
  isReady(): boolean | Promise<boolean>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
}

export interface Health {
  add(check: Check): void;
  ready(): Promise<Readiness>;
}

/** A part that does not answer is not ready. */
const CHECK_TIMEOUT_MS = 2_000;

async function outcome({ isReady }: Check): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), CHECK_TIMEOUT_MS);
  try {
    return await Promise.race([isReady(), late.promise]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

export function newHealth(): Health {
  const checks: Check[] = [];
  return {
    add: (check) => void checks.push(check),
    async ready() {
      const results = await Promise.all(checks.map(async (check) => [check.name, await outcome(check)] as const));
      return { ready: results.every(([, isReady]) => isReady), checks: Object.fromEntries(results) };
    },
  };
}
