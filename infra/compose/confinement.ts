// Pure: a stack reads nothing but its own files, asks for no variable but its own, has Compose write no secret and run no
// program of the node.
import { OverseerError } from '#subjects/errors.ts';
import { COMPOSE_FILE, type Followed, follow, refusalAt, type StackText } from './follow.ts';
import { entriesOf, isRecord } from './named-path.ts';
import type { ComposeText } from './text.ts';
import { faultOfValues, faultOfVariables, mentionsCarrier } from './variables.ts';

/** Compose would write it into the container's own layer, where it stays readable on the node's disk. */
function checkSecrets(file: string, text: ComposeText): void {
  const { secrets } = isRecord(text.content) ? text.content : {};
  const inline = entriesOf(secrets).find(([, secret]) => isRecord(secret) && Object.hasOwn(secret, 'environment'));
  if (inline === undefined) return;
  const what = `would stay readable on the node's disk; write "external: true" and set it with "overseer secret set"`;
  throw refusalAt(file, text, ['secrets', inline[0], 'environment'], 'compose-refused', what);
}

/** Compose would look for a program of that name on the node and run it. */
function checkPrograms(file: string, text: ComposeText): void {
  const { services } = isRecord(text.content) ? text.content : {};
  const found = entriesOf(services).find(([, service]) => isRecord(service) && Object.hasOwn(service, 'provider'));
  if (found === undefined) return;
  const what = 'would run a program of the node, which no stack may';
  throw refusalAt(file, text, ['services', found[0], 'provider'], 'compose-refused', what);
}

function checkVariables({ files, env }: StackText, { texts, values }: Followed): void {
  for (const [file, text] of texts) {
    const fault = faultOfVariables(text.content);
    if (fault !== null) throw refusalAt(file, text, fault.at, 'compose-refused', `can't be: ${fault.what}`);
  }
  for (const [file, text] of Object.entries(files)) {
    const fault = values.has(file) || mentionsCarrier(text) ? faultOfValues(text) : null;
    if (fault !== null) throw new OverseerError('compose-refused', `${file}: ${fault}`, { fields: { file } });
  }
  for (const [name, value] of Object.entries(env)) {
    const fault = [name, value].some(mentionsCarrier) ? faultOfValues(`${name}=${value}`) : null;
    if (fault === null) continue;
    throw new OverseerError('compose-refused', `the value ${name}: ${fault}`, { fields: { place: `env.${name}` } });
  }
}

function isEmpty(part: unknown): boolean {
  return typeof part !== 'object' || part === null || Object.keys(part).length === 0;
}

/**
 * Reads the Compose text and every Compose file it draws in.
 * @throws OverseerError `compose-malformed`, `compose-refused`, `path-outside`
 */
export function checkConfinement(stack: StackText): void {
  const found = follow(stack, COMPOSE_FILE);
  const content = found.texts.get(COMPOSE_FILE)?.content;
  if (!isRecord(content)) {
    throw new OverseerError('compose-malformed', `${COMPOSE_FILE}: must be a mapping with services`, {
      fields: { file: COMPOSE_FILE, line: 1, column: 1 },
    });
  }
  for (const [file, text] of found.texts) {
    checkSecrets(file, text);
    checkPrograms(file, text);
  }
  checkVariables(stack, found);
  // `config` takes such a file, `up` does not.
  if (isEmpty(content['services']) && isEmpty(content['include'])) {
    throw new OverseerError('compose-refused', `${COMPOSE_FILE}: it names no service`, {
      fields: { file: COMPOSE_FILE },
    });
  }
}
