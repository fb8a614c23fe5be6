// Deployments: each revision's way to its nodes, with every step and the tool's own output; live while they run.
import type { DecideDeployment } from '#subjects/schema/deployment.ts';
import { Deployment, DeploymentList } from '#subjects/schema/deployment.ts';
import { actorOf } from '../access/authenticate.ts';
import { deploymentFrames, standing } from '../live/deployment-stream.ts';
import { lastEventId, sendEventStream, wantsEventStream } from '../live/sse.ts';
import { DeploymentPartQuery, DeploymentQuery, Done, IdParams } from '../openapi/shapes.ts';
import type { App, GatewayParts } from '../parts.ts';
import { deploymentOn, wholeDeployment } from '../whole-deployment.ts';
import { gathered, given } from './pages.ts';

const KEPT = [
  'Of the output of each node the first 10,000 lines or 448 KiB are kept. An answer holds 8 MiB of output: each of many nodes',
  'has an equal share of that. Where lines are missing, the last line says how many. `node` asks for one node alone, with all',
  'that is kept of it.',
].join(' ');
const LIVE = [
  'With `Accept: text/event-stream` live, until it has ended. Without `Last-Event-ID` the first event is `deployment`: the',
  'JSON answer, complete up to its id. After it each event once, in order: `step-started` {node, step, why}, `step-output`',
  '{node, step, lines}, `step-finished` {node, step, outcome, reason, exitCode, durationMs}, `target` {node, state, reason,',
  'failure, deployment}, `state` {state, reason} of the deployment itself; all with `sequence` and `at`, those of steps with',
  "`nodesequence`, their place in the node's own order. The end is `deployment`, whole once more, then `end`; the stream",
  'closes. The id of an event is its place in the event stream: `Last-Event-ID` resumes after it, without a first snapshot.',
].join(' ');

export function deploymentRoutes(app: App, { bus, events }: GatewayParts): void {
  app.get(
    '/deployments',
    {
      schema: {
        operationId: 'listDeployments',
        summary: 'Deployments, newest first',
        tags: ['deployments'],
        querystring: DeploymentQuery,
        response: { 200: DeploymentList },
      },
    },
    ({ query: { stack, ...page } }) =>
      gathered(page, (part) => bus.request('listDeployments', {}, { ...given({ stack }), ...part })),
  );

  app.get(
    '/deployments/:id',
    {
      schema: {
        operationId: 'getDeployment',
        summary: 'One deployment with each step on each node; live with `Accept: text/event-stream`',
        description: `${KEPT} ${LIVE}`,
        tags: ['deployments'],
        params: IdParams,
        querystring: DeploymentPartQuery,
        response: { 200: Deployment },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { node } = request.query;
      if (node !== undefined) return deploymentOn(bus, id, node);
      if (!wantsEventStream(request)) return wholeDeployment(bus, id);
      const begun = await standing({ bus, events }, id);
      const asked = lastEventId(request);
      // A place beyond the end is one of a stream that was made anew.
      const from = asked !== null && asked <= begun.place ? asked : null;
      await sendEventStream(reply, from, (signal) => deploymentFrames({ bus, events }, begun, from, signal));
      return reply;
    },
  );

  const decisions: Readonly<Record<DecideDeployment['decision'], readonly [string, string]>> = {
    continue: [
      'Let the next batch of a rollout go',
      'For a rollout whose gate is `manual`, or one that pauses. 200: it goes; 409: it waits for nobody, or is over.',
    ],
    cancel: [
      'Let no further batch of a rollout go',
      'What has gone stays as it is. 200: nothing more goes; 409: it has ended already.',
    ],
  };
  for (const [decision, [summary, description]] of Object.entries(decisions) as [
    DecideDeployment['decision'],
    readonly [string, string],
  ][]) {
    app.post(
      `/deployments/:id/${decision}`,
      {
        schema: {
          operationId: `${decision}Deployment`,
          summary,
          description,
          tags: ['deployments'],
          params: IdParams,
          response: { 200: Done },
        },
        config: { audit: { action: `deployment.${decision}`, object: ({ id }) => `deployments/${id}` } },
      },
      (request) => {
        const { id } = request.params as { id: string };
        return bus.request('decideDeployment', {}, { by: actorOf(request), id, decision });
      },
    );
  }
}
