// What the gateway answers, by the names the console uses. The shapes themselves are generated from the API's own document.
import type { Schemas } from '#clients/sdk/client.ts';

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export type Labels = Readonly<Record<string, string>>;

export type Session = Schemas['Session'];
export type Node = Schemas['Node'];
export type Liveness = Node['liveness'];
export type NodeConfig = Schemas['NodeConfig'];
export type NodeStatus = Schemas['NodeStatus'];
export type StackHere = NodeStatus['stacks'][number];
export type ServiceOnNode = StackHere['services'][number];

export type EnrollmentToken = Schemas['EnrollmentToken'];
export type EnrollmentTokenSpec = Schemas['EnrollmentTokenSpec'];
export type IssuedToken = Schemas['IssuedEnrollmentToken'];

export type Stack = Schemas['Stack'];
export type StackDetail = Schemas['StackDetail'];
export type StackSpec = Schemas['StackSpec'];
export type StackOnNode = Stack['nodes'][number];
export type StackPhase = StackOnNode['phase'];
export type DriftItem = StackOnNode['drift'][number];
export type Strategy = NonNullable<StackSpec['strategy']>;
export type ImagePolicy = NonNullable<StackSpec['images']>;
export type LogPolicy = NonNullable<StackSpec['logs']>;
export type Targets = Schemas['Targets'];
export type Revision = Schemas['Revision'];
export type RevisionDetail = Schemas['RevisionDetail'];
export type DeployAnswer = Schemas['StackAnswer'];
export type ActionBody = Schemas['ActionBody'];
export type ActionAnswer = Schemas['ActionAnswer'];
export type SyncAnswer = Schemas['SyncAnswer'];
export type Webhook = Schemas['Webhook'];

export type StackPlan = Schemas['StackPlan'];
export type PlannedNode = StackPlan['nodes'][number];
export type PlannedChange = PlannedNode['changes'][number];

export type Project = Schemas['ProjectList']['items'][number];
export type Secret = Schemas['Secret'];
export type SecretList = Schemas['SecretList'];
export type SecretAnswer = Schemas['SecretAnswer'];

export type Deployment = Schemas['Deployment'];
export type DeploymentSummary = Schemas['DeploymentSummary'];
export type DeploymentTarget = Deployment['targets'][number];
export type DeploymentStep = DeploymentTarget['steps'][number];

/** A CloudEvent with its place in the stream. */
export type Fact = Schemas['StoredEvent'];
export type AuditRecord = Schemas['AuditList']['items'][number];
export type AuditVerification = Schemas['AuditVerification'];
export type AuditFault = AuditVerification['faults'][number];

export type Reader = Schemas['Reader'];
export type Notification = Schemas['Notification'];
export type NotificationSpec = Schemas['NotificationSpec'];
export type NotificationAnswer = Schemas['NotificationAnswer'];
export type NotificationTest = Schemas['NotificationTest'];
export type Delivery = Schemas['NotificationDelivery'];
