// What the scheduler is asked: stacks, deployments, what nodes should run, commands to nodes.
import * as z from 'zod/mini';
import { request } from '../define.ts';
import * as action from '../schema/action.ts';
import { SendCommand } from '../schema/command.ts';
import * as deployment from '../schema/deployment.ts';
import { NodeDesiredStatus } from '../schema/desired.ts';
import { Id } from '../schema/ids.ts';
import { PlanStack, StackPlan } from '../schema/plan.ts';
import * as project from '../schema/project.ts';
import { Nothing } from '../schema/service-status.ts';
import * as stack from '../schema/stack.ts';

const NodeById = z.strictObject({ id: Id });

export const schedulerRequests = {
  putStack: request('overseer.int.scheduler.put-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.PutStack,
    output: stack.PutStackAnswer,
    audited: true,
    doc: 'Store a new revision of a stack and its deployment. Answers once both are stored; nothing waits for Docker.',
  }),
  listStacks: request('overseer.int.scheduler.list-stacks', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.ListStacks,
    output: stack.StackList,
    audited: false,
    doc: 'Stacks with what nodes reported of them.',
  }),
  getStack: request('overseer.int.scheduler.get-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.ByName,
    output: stack.StackAnswer,
    audited: false,
    doc: 'One stack with its newest specification.',
  }),
  listRevisions: request('overseer.int.scheduler.list-revisions', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.ByName,
    output: stack.RevisionList,
    audited: false,
    doc: 'Revisions of a stack, newest first.',
  }),
  removeStack: request('overseer.int.scheduler.remove-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.RemoveStack,
    output: stack.RemoveStackAnswer,
    audited: true,
    doc: 'Take a stack away from all its nodes.',
  }),
  getRevision: request('overseer.int.scheduler.get-revision', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.GetRevision,
    output: stack.RevisionDetail,
    audited: false,
    doc: 'One revision with its compose text and files.',
  }),
  planStack: request('overseer.int.scheduler.plan-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: PlanStack,
    output: StackPlan,
    audited: false,
    doc: 'What a deployment would change on each node. Asks the nodes that are there; changes nothing.',
  }),
  rollbackStack: request('overseer.int.scheduler.rollback-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: stack.RollbackStack,
    output: stack.PutStackAnswer,
    audited: true,
    doc: 'Store the content of an earlier revision as the newest one and deploy it. Volumes stay.',
  }),
  actOnStack: request('overseer.int.scheduler.act-on-stack', {
    from: ['gateway'],
    to: 'scheduler',
    input: action.ActOnStack,
    output: action.ActOnStackAnswer,
    audited: true,
    doc: 'Restart, pull, stop, start or scale a stack, on all of its nodes or some.',
  }),
  pruneNode: request('overseer.int.scheduler.prune-node', {
    from: ['gateway'],
    to: 'scheduler',
    input: action.PruneNode,
    output: Nothing,
    audited: true,
    doc: 'Have a node remove images that nothing needs.',
  }),
  listProjects: request('overseer.int.scheduler.list-projects', {
    from: ['gateway'],
    to: 'scheduler',
    input: project.ListProjects,
    output: project.ProjectList,
    audited: false,
    doc: 'Compose projects on a node that no stack names. Asks the node.',
  }),
  adoptProject: request('overseer.int.scheduler.adopt-project', {
    from: ['gateway'],
    to: 'scheduler',
    input: project.AdoptProject,
    output: stack.PutStackAnswer,
    audited: true,
    doc: 'Make a running Compose project a stack, where it is and as it is.',
  }),
  decideDeployment: request('overseer.int.scheduler.decide-deployment', {
    from: ['gateway'],
    to: 'scheduler',
    input: deployment.DecideDeployment,
    output: Nothing,
    audited: true,
    doc: 'Let the next batch of a rollout go, or none any more.',
  }),
  getDeployment: request('overseer.int.scheduler.get-deployment', {
    from: ['gateway'],
    to: 'scheduler',
    input: deployment.ById,
    output: deployment.DeploymentOutline,
    audited: false,
    doc: 'One deployment and where it is on each node.',
  }),
  listSteps: request('overseer.int.scheduler.list-steps', {
    from: ['gateway'],
    to: 'scheduler',
    input: deployment.ListSteps,
    output: deployment.StepPage,
    audited: false,
    doc: "What was done for a deployment on each node, with the tools' output, some nodes at a time.",
  }),
  listDeployments: request('overseer.int.scheduler.list-deployments', {
    from: ['gateway'],
    to: 'scheduler',
    input: deployment.ListDeployments,
    output: deployment.DeploymentList,
    audited: false,
    doc: 'Deployments, newest first.',
  }),
  getNodeDesired: request('overseer.int.scheduler.get-node-desired', {
    from: ['gateway'],
    to: 'scheduler',
    input: NodeById,
    output: NodeDesiredStatus,
    audited: false,
    doc: 'What a node should run beside what it reported.',
  }),
  sendCommand: request('overseer.int.scheduler.command', {
    from: ['registry'],
    to: 'scheduler',
    input: SendCommand,
    output: Nothing,
    audited: false,
    doc: 'Sign a command and send it to a node. Only the scheduler holds the key.',
  }),
} as const;
