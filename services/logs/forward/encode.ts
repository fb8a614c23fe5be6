// Log lines as other engines take them over HTTP. Gaps go with them, so that what is missing here is seen to be missing
// there. Pure.
import type { LogItem } from '#subjects/schema/log.ts';

/** With the time at which it stands, which not every gap knows of itself. */
export interface Told {
  readonly at: bigint;
  readonly item: LogItem;
}
export type Encode = (told: readonly Told[]) => unknown;

function textOf(item: LogItem): string {
  if (item.type === 'line') return item.text;
  return `${item.rows ?? 'an unknown number of'} lines are missing: ${item.reason}`;
}

const streamOf = (item: LogItem) => (item.type === 'line' ? item.stream : 'gap');

/** `POST /loki/api/v1/push`. */
export const lokiBody: Encode = (told) => {
  const streams = Map.groupBy(told, ({ item }) => `${item.node} ${item.container} ${streamOf(item)} ${item.service}`);
  return {
    streams: [...streams.values()].map((own) => {
      const { item } = own[0] as Told;
      const { node, stack, service, containerName: container } = item;
      const stream = { node, stack, service, container, stream: streamOf(item) };
      return { stream, values: own.map((one) => [String(one.at), textOf(one.item)]) };
    }),
  };
};

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const WARN = 13;

function record({ at, item }: Told) {
  const source = attribute('log.iostream', streamOf(item));
  const body = { timeUnixNano: String(at), observedTimeUnixNano: String(at), body: { stringValue: textOf(item) } };
  if (item.type === 'line') return { ...body, attributes: [source] };
  return { ...body, severityNumber: WARN, severityText: 'WARN', attributes: [attribute('overseer.gap', item.reason)] };
}

/** `POST /v1/logs` of OTLP, in its JSON encoding; attributes by OpenTelemetry's names. */
export const otlpBody: Encode = (told) => {
  const resources = Map.groupBy(
    told,
    ({ item }) => `${item.node} ${item.container} ${item.service} ${item.deployment}`,
  );
  return {
    resourceLogs: [...resources.values()].map((own) => {
      const { node, stack, service, container, containerName, deployment } = (own[0] as Told).item;
      const attributes = [
        attribute('host.id', node),
        attribute('service.namespace', stack),
        attribute('service.name', service),
        attribute('container.id', container),
        attribute('container.name', containerName),
        ...(deployment === null ? [] : [attribute('overseer.deployment', deployment)]),
      ];
      return { resource: { attributes }, scopeLogs: [{ scope: { name: 'overseer' }, logRecords: own.map(record) }] };
    }),
  };
};
