// Pure: the one door for what is told of a stack. Whatever a tool, the engine or a container said, it leaves the node
// without the values of the stack's secrets; names, numbers and words of ours are what they are.
import type { NodeEventBody } from '#subjects/schema/node-event.ts';
import type { Preview } from '#subjects/schema/plan.ts';
import type { Report } from '#subjects/schema/report.ts';
import type { Redactor } from './redactor.ts';

/** What holds words of somebody else. Never what says which stack, service or container is meant. */
const WORDS = new Set(['reason', 'why', 'fault', 'detail', 'lines', 'expected', 'actual']);
/** No such text has a lower limit: what stands for a value may be longer than the value. */
const LEAST_LIMIT = 1000;

export interface Door {
  event(body: NodeEventBody): NodeEventBody;
  report(report: Report): Report;
  preview(stack: string, preview: Preview): Preview;
}

export function door(redactorOf: (stack: string) => Redactor): Door {
  return {
    event: (body) => ('stack' in body ? told(body, redactorOf, body.stack) : body),
    report: (report) => ({ ...report, stacks: report.stacks.map((stack) => told(stack, redactorOf, stack.name)) }),
    preview: (stack, preview) => told(preview, redactorOf, stack),
  };
}

function told<T>(value: T, redactorOf: (stack: string) => Redactor, stack: string): T {
  let known: Redactor | null = null;
  const redact = (text: string) => {
    if (text === '') return text;
    // Values are read only when there is something to look into.
    known ??= redactorOf(stack);
    return known(text).slice(0, Math.max(text.length, LEAST_LIMIT));
  };
  return copied(value, false, redact) as T;
}

function copied(value: unknown, isWords: boolean, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return isWords ? redact(value) : value;
  if (Array.isArray(value)) return value.map((item) => copied(item, isWords, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner, WORDS.has(key), redact)]));
}
