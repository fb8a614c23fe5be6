// Pure: which variables a stack may ask for. Compose takes them from its own environment first, and that is not the same on
// a core and on each node: what names one of the tool's variables would be judged here as something else than runs there.
import { entriesOf, type Path } from './named-path.ts';

/** All that the environment of a Compose call has of its own, on a core and on a node. */
export const TOOL_VARIABLES = [
  'PATH',
  'HOME',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
] as const;

/** What `docker` adds where the plugin is started through it. */
const ADDED = [
  'DOCKER_CONTEXT',
  'DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND',
  'DOCKER_CLI_PLUGIN_SOCKET',
  'OTEL_RESOURCE_ATTRIBUTES',
];

/** Before the number of a secret that goes to a container by the environment of the call. */
export const CARRIER = 'OVERSEER_SECRET_';

const RESERVED: ReadonlySet<string> = new Set([...TOOL_VARIABLES, ...ADDED]);

/** Names that are replaced in this text; `$$` is a plain dollar sign. */
function variablesIn(text: string): string[] {
  return [...text.replaceAll('$$', ' ').matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name as string);
}

function faultIn(text: string): string | null {
  if (text.includes(CARRIER)) return `"${CARRIER}..." is how secrets travel; give the secret to the service instead`;
  const name = variablesIn(text).find((each) => RESERVED.has(each));
  if (name === undefined) return null;
  return `the variable ${name} is the tool's own and differs by host; give the stack a value under another name`;
}

export interface VariableFault {
  readonly at: Path;
  readonly what: string;
}

/** In a Compose file as plain values. An alias is looked at where it stands first. */
export function faultOfVariables(content: unknown): VariableFault | null {
  const seen = new Set<unknown>();
  const inside = (value: unknown, at: Path): VariableFault | null => {
    if (typeof value === 'string') {
      const what = faultIn(value);
      return what === null ? null : { at, what };
    }
    if (seen.has(value)) return null;
    seen.add(value);
    for (const [key, item] of entriesOf(value)) {
      // A name without a value is taken from the environment.
      const isCarrier = typeof key === 'string' && key.includes(CARRIER);
      const fault = isCarrier ? { at: [...at, key], what: faultIn(key) ?? '' } : inside(item, [...at, key]);
      if (fault !== null) return fault;
    }
    return null;
  };
  return inside(content, []);
}

/** In a file of values for `${...}`, where Compose takes `\0105` for the letter E before it looks for names. */
export function faultOfValues(text: string): string | null {
  const plain = text.replace(/\\0(\d{0,3})/g, (_, digits) => String.fromCharCode(Number.parseInt(`0${digits}`, 8)));
  return faultIn(text) ?? faultIn(plain);
}

export function mentionsCarrier(text: string): boolean {
  return text.includes(CARRIER);
}
