// Names of shapes in the OpenAPI document. A registry of our own: the contract's schemas stay free of it.
import * as z from 'zod/mini';
import * as action from '#subjects/schema/action.ts';
import { AuditList } from '#subjects/schema/audit.ts';
import { AuditSummary, AuditVerification } from '#subjects/schema/audit-verification.ts';
import { DeploymentList, Deployment as DeploymentShape, DeploymentSummary } from '#subjects/schema/deployment.ts';
import { CoverageList, LogItem, LogPage } from '#subjects/schema/log.ts';
import * as node from '#subjects/schema/node.ts';
import * as notification from '#subjects/schema/notification.ts';
import { StackPlan } from '#subjects/schema/plan.ts';
import { ProjectList } from '#subjects/schema/project.ts';
import * as reader from '#subjects/schema/reader.ts';
import * as secret from '#subjects/schema/secret.ts';
import { SyncStackAnswer } from '#subjects/schema/source.ts';
import * as stack from '#subjects/schema/stack.ts';
import { ReaderAnswer } from './notice-shapes.ts';
import * as shapes from './shapes.ts';

export const components = z.registry<{ id?: string | undefined }>();

const named: Readonly<Record<string, z.core.$ZodType>> = {
  Problem: shapes.ProblemDocument,
  Node: node.Node,
  NodeList: node.NodeList,
  NodeConfig: node.NodeConfigPatch,
  NodeStatus: shapes.NodeStatus,
  Facts: node.Facts,
  EnrollmentTokenSpec: node.EnrollmentTokenSpec,
  EnrollmentToken: node.EnrollmentToken,
  IssuedEnrollmentToken: shapes.EnrollmentTokenAnswer,
  Registration: node.Registration,
  Registered: node.RegistrationAnswer,
  Credential: node.Credential,
  Stack: stack.Stack,
  StackList: stack.StackList,
  StackDetail: stack.StackDetail,
  StackSpec: stack.StackSpec,
  StackAnswer: stack.PutStackAnswer,
  Targets: stack.Targets,
  Revision: stack.Revision,
  RevisionList: stack.RevisionList,
  RevisionDetail: stack.RevisionDetail,
  RollbackBody: stack.RollbackBody,
  ActionBody: action.ActionBody,
  ActionAnswer: action.ActOnStackAnswer,
  StackPlan,
  SyncAnswer: SyncStackAnswer,
  Webhook: shapes.Webhook,
  ProjectList,
  Secret: secret.Secret,
  SecretList: secret.SecretList,
  SecretBody: secret.SecretBody,
  SecretAnswer: secret.PutSecretAnswer,
  SecretRecovery: secret.SecretRecovery,
  RewrapBody: secret.RewrapBody,
  RemoveStackAnswer: stack.RemoveStackAnswer,
  Deployment: DeploymentShape,
  DeploymentSummary,
  DeploymentList,
  StoredEvent: shapes.StoredEvent,
  EventList: shapes.EventList,
  AuditList,
  AuditSummary,
  AuditVerification,
  ReaderSpec: reader.ReaderSpec,
  Reader: reader.Reader,
  ReaderList: reader.ReaderList,
  IssuedReader: ReaderAnswer,
  NotificationSpec: notification.NotificationSpec,
  NotificationChoice: notification.NotificationChoice,
  NotificationThresholds: notification.NotificationThresholds,
  Notification: notification.Notification,
  NotificationList: notification.NotificationList,
  NotificationAnswer: notification.NotificationAnswer,
  NotificationTest: notification.NotificationTest,
  NotificationDelivery: notification.NotificationDelivery,
  NotificationDeliveries: notification.NotificationDeliveries,
  LogPage,
  LogItem,
  CoverageList,
  Summary: shapes.Summary,
  CoreStatus: shapes.CoreStatus,
  Session: shapes.Session,
};

for (const [id, schema] of Object.entries(named)) components.add(schema, { id });
