// Values of the options that say what a stack is. `none` empties what has many parts, and takes away what has one. Pure.
import { InvalidArgumentError } from 'commander';
import type { Schemas } from '#clients/sdk/client.ts';

export const NONE = 'none' as const;

/** Parts that are said one by one: those that are not said stay, unless it begins anew. */
export interface Changes<T> {
  readonly anew: boolean;
  readonly set: Readonly<Record<string, T>>;
}

/** Collects an option that may be given many times, each time for one part. */
export function keyed<T>(entry: (text: string) => readonly [string, T]) {
  return (text: string, before: Changes<T> = { anew: false, set: {} }): Changes<T> => {
    if (text === NONE) return { anew: true, set: {} };
    const [key, value] = entry(text);
    return { ...before, set: { ...before.set, [key]: value } };
  };
}

/** A list that is said as a whole. */
export function listed(text: string, before: readonly string[] = []): string[] {
  return text === NONE ? [] : [...before, text];
}

export type OrNone<T> = T | typeof NONE;

export function orNone<T>(value: (text: string) => T): (text: string) => OrNone<T> {
  return (text) => (text === NONE ? NONE : value(text));
}

export const word = (text: string) => text;

/** `25%` or a number of nodes. */
export function batch(text: string): number | string {
  if (/^([1-9]\d?|100)%$/.test(text)) return text;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It looks like 2 or 25%.');
}

/** `service=2`. */
export function replicas(text: string): readonly [string, number] {
  const match = /^([a-zA-Z0-9._-]+)=(\d{1,4})$/.exec(text);
  if (!match) throw new InvalidArgumentError('It looks like web=2.');
  return [match[1] ?? '', Number(match[2])];
}

/** `key=value`, as in the example. */
export function assigned(example: string): (text: string) => readonly [string, string] {
  return (text) => {
    const [key = '', ...value] = text.split('=');
    if (key === '' || value.length === 0) throw new InvalidArgumentError(`It looks like ${example}.`);
    return [key, value.join('=')];
  };
}

type SecretUse = NonNullable<Schemas['StackSpec']['secrets']>[string];

/** `name[=secret][:SERVICES=web,api][:ENV=VAR]`. */
export function secretUse(text: string): readonly [string, SecretUse] {
  const [head = '', ...rest] = text.split(':');
  const [, name, secret] = /^([^=]+)(?:=(.+))?$/.exec(head) ?? [];
  const said = rest.map((part) => /^(SERVICES|ENV)=(.+)$/.exec(part));
  const of = (key: string) => said.find((part) => part?.[1] === key)?.[2];
  if (name === undefined || said.includes(null)) {
    throw new InvalidArgumentError('It looks like db, db=prod-db, db:SERVICES=web,api or db:ENV=DB_PASSWORD.');
  }
  const services = of('SERVICES')?.split(',');
  const environment = of('ENV');
  return [
    name,
    {
      ...(secret === undefined ? {} : { secret }),
      ...(services === undefined ? {} : { services }),
      ...(environment === undefined ? {} : { environment }),
    },
  ];
}
