// Which methods an address knows, for those that are asked with another.
import type { App } from '../parts.ts';

export interface AddressTable {
  methodsOf(path: string): string[];
}

export function addressTable(app: App): AddressTable {
  const known: { readonly pattern: RegExp; readonly method: string }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = new RegExp(`^${url.replace(/:[a-z]+/gi, '[^/]+')}/?$`);
    for (const one of [method].flat()) known.push({ pattern, method: one });
  });
  return {
    methodsOf: (path) => [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))],
  };
}
