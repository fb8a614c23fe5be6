// A target of messages while it is being written, and what is said of one. Pure.
import type { Notification, NotificationSpec } from '../api/shapes.ts';
import { plural } from '../parts/words.ts';

type Kind = Notification['kind'];
type Choice = Notification['choice'];
export type Condition = NonNullable<Choice['conditions']>[number];
type Severity = NonNullable<Choice['minimumSeverity']>;

export const KINDS: readonly (readonly [Kind, string, string])[] = [
  ['webhook', 'Webhook', 'https://example.com/hook'],
  ['ntfy', 'ntfy', 'https://ntfy.sh/my-topic'],
  ['slack', 'Slack', 'https://hooks.slack.com/services/…'],
  ['discord', 'Discord', 'https://discord.com/api/webhooks/…'],
  ['gotify', 'Gotify', 'https://gotify.example.com'],
];

export const CONDITIONS: readonly (readonly [Condition, string])[] = [
  ['node-offline', 'a node is offline'],
  ['node-registered', 'a node was added'],
  ['deployment-failed', 'a deployment failed or was undone'],
  ['deployment-succeeded', 'a deployment succeeded'],
  ['stack-unhealthy', 'a service is unhealthy'],
  ['container-restarting', 'containers restart again and again'],
  ['stack-drifted', 'something was changed by hand'],
  ['document-rejected', 'a node refused its document'],
  ['events-lost', 'events were lost'],
  ['logs-lost', 'log lines were lost'],
  ['audit-contradicted', 'a node contradicts the audit'],
];

export const SEVERITIES: readonly (readonly [Severity, string])[] = [
  ['info', 'everything'],
  ['warning', 'warnings and errors'],
  ['error', 'errors'],
];

export interface NotificationDraft {
  readonly kind: Kind;
  /** Empty: as it is. */
  readonly url: string;
  readonly secret: string;
  readonly conditions: readonly Condition[];
  readonly nodes: readonly string[];
  readonly stacks: readonly string[];
  readonly minimumSeverity: Severity;
  readonly offlineSeconds: string;
  readonly unhealthySeconds: string;
  readonly quietSeconds: string;
}

const numberText = (value: number | undefined) => (value === undefined ? '' : String(value));

export function draftOf(held: Notification | null): NotificationDraft {
  const { choice = {}, thresholds = {} } = held ?? {};
  return {
    ...{ kind: held?.kind ?? 'webhook', url: '', secret: '' },
    conditions: choice.conditions ?? [],
    nodes: choice.nodes ?? [],
    stacks: choice.stacks ?? [],
    minimumSeverity: choice.minimumSeverity ?? 'warning',
    offlineSeconds: numberText(thresholds.offlineSeconds),
    unhealthySeconds: numberText(thresholds.unhealthySeconds),
    quietSeconds: numberText(thresholds.quietSeconds),
  };
}

const some = <Item>(key: string, items: readonly Item[]) => (items.length === 0 ? {} : { [key]: [...items] });
const numbered = (key: string, text: string) => (text.trim() === '' ? {} : { [key]: Number(text) });
const texts = (key: string, text: string) => (text.trim() === '' ? {} : { [key]: text.trim() });

/** What the form does not show stays as it was. */
export function specOf(draft: NotificationDraft, held: Notification | null): NotificationSpec {
  const { kind, url, secret, conditions, nodes, stacks, minimumSeverity } = draft;
  const { offlineSeconds: _, unhealthySeconds: __, quietSeconds: ___, ...others } = held?.thresholds ?? {};
  return {
    kind,
    ...texts('url', url),
    ...texts('secret', secret),
    choice: { ...some('conditions', conditions), ...some('nodes', nodes), ...some('stacks', stacks), minimumSeverity },
    thresholds: {
      ...others,
      ...numbered('offlineSeconds', draft.offlineSeconds),
      ...numbered('unhealthySeconds', draft.unhealthySeconds),
      ...numbered('quietSeconds', draft.quietSeconds),
    },
  };
}

/** What it is told of. */
export function choiceWords({ conditions, nodes, stacks, minimumSeverity = 'warning' }: Choice): string {
  const what =
    conditions === undefined
      ? (SEVERITIES.find(([severity]) => severity === minimumSeverity)?.[1] ?? minimumSeverity)
      : conditions.map((each) => each.replaceAll('-', ' ')).join(', ');
  const where = [
    ...(nodes === undefined ? [] : [plural(nodes.length, 'node')]),
    ...(stacks === undefined ? [] : [`of ${stacks.join(', ')}`]),
  ];
  return [what, ...where].join('; ');
}

/** How it stands, by the name of its mark, and in words. */
export function standing({ dead, pending, lastError, lastDeliveredAt }: Notification): readonly [string, string] {
  if (lastError !== null) return ['failed', 'failing'];
  if (dead > 0) return ['given', `${dead} given up`];
  if (pending > 0) return ['waiting', `${pending} on the way`];
  return lastDeliveredAt === null ? ['created', 'nothing sent yet'] : ['ok', 'delivers'];
}
