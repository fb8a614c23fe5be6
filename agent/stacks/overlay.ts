// Pure: the text of `compose.override.yaml`, which the agent lays beside a stack's own text when it has secrets or pins.
// It holds paths, names, versions and digests, never a value; plain `docker compose` in that folder picks it up by itself.
import { Document, isMap, isScalar, type Node, visit } from 'yaml';
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { SECRETS_TARGET, type ServiceSecrets } from '../secrets/uses.ts';

export const OVERLAY_FILE = 'compose.override.yaml';
/** On each container that was given secrets: another version is another label, so Compose recreates exactly those. */
export const SECRETS_LABEL = 'dev.overseer.secrets';

const HEADER = " Written by Overseer's agent from what the core decided. Changes made here are undone.";

/** Whether the stack's own text is not all that Compose has to read. */
export function needsOverlay({ secrets, pins }: Pick<DesiredStack, 'secrets' | 'pins'>): boolean {
  return secrets.length > 0 || Object.keys(pins).length > 0;
}

/** Where a service's secrets lie on the node. */
export interface SecretPlaces {
  /** Mounted as a whole at /run/secrets. */
  directory(use: ServiceSecrets): string;
  /** One that goes elsewhere in the container. */
  file(use: ServiceSecrets, path: string): string;
}

export interface OverlayContent {
  readonly stack: Pick<DesiredStack, 'secrets' | 'pins'>;
  /** Services that the model has. */
  readonly services: readonly string[];
  readonly uses: readonly ServiceSecrets[];
  readonly places: SecretPlaces;
}

/** Null when nothing is to be said. */
export function overlayText({ stack, services, uses, places }: OverlayContent): string | null {
  const document = new Document({ services: {} });
  for (const service of services) {
    const pin = stack.pins[service];
    const own = uses.find((entry) => entry.service === service);
    if (pin === undefined && own === undefined) continue;
    const body = {
      ...(pin === undefined ? {} : { image: escaped(pin) }),
      ...(own === undefined ? {} : given(own, stack, places)),
    };
    document.setIn(['services', service], document.createNode(body));
    if (own?.kept) tag(document, service, own.kept.length > 0 ? '!override' : '!reset');
  }
  const root = document.get('services');
  if (!isMap(root) || root.items.length === 0) return null;
  quoteValues(document);
  document.commentBefore = HEADER;
  return document.toString({ lineWidth: 0 });
}

function given(own: ServiceSecrets, stack: OverlayContent['stack'], places: SecretPlaces) {
  const { files, variables, kept, holders } = own;
  const used = new Set([...files, ...variables].map(({ secret }) => secret));
  const label = stack.secrets
    .filter(({ name }) => used.has(name))
    .map(({ name, secret, version }) => `${name === secret ? '' : `${name}=`}${secret}@${version}`)
    .toSorted()
    .join(',');
  const hasFolder = holders.length > 0 || files.some(({ target }) => target === null);
  const volumes = [
    ...(hasFolder ? [bind(places.directory(own), SECRETS_TARGET)] : []),
    ...files.flatMap(({ path, target }) => (target === null ? [] : [bind(places.file(own, path), target)])),
  ];
  const environment = Object.fromEntries(variables.map(({ name, carrier }) => [name, `\${${carrier}}`]));
  return {
    ...(kept === null ? {} : { secrets: kept }),
    labels: { [SECRETS_LABEL]: label },
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(variables.length > 0 ? { environment } : {}),
  };
}

function bind(source: string, target: string) {
  // Made by the agent before: a folder that the engine would make itself would be an empty one.
  const how = { create_host_path: false };
  return { type: 'bind', source: escaped(source), target: escaped(target), read_only: true, bind: how };
}

function tag(document: Document, service: string, name: string): void {
  const node = document.getIn(['services', service, 'secrets'], true) as Node;
  node.tag = name;
}

/** Compose replaces variables in this text as well. */
function escaped(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** No value may pass for a number, a date or a truth in anybody's reading of YAML. */
function quoteValues(document: Document): void {
  visit(document, {
    Pair(_, { value }) {
      if (isScalar(value) && typeof value.value === 'string') value.type = 'QUOTE_DOUBLE';
    },
  });
}
