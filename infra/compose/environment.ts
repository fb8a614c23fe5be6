// The environment of every Compose call: what the tool needs to work, and nothing that a stack could ask for.
import { TOOL_VARIABLES } from './variables.ts';

export function composeEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const given = TOOL_VARIABLES.map((name) => [name, from[name]] as const);
  return Object.fromEntries(
    given.filter((entry): entry is readonly [(typeof TOOL_VARIABLES)[number], string] => entry[1] !== undefined),
  );
}
