// What can be done to a running stack without changing what it is: for all its nodes, or for one.
import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { actOnStack, type StackAction } from '../api/changes.ts';
import { nodeStatus } from '../api/queries.ts';
import type { ActionBody, StackDetail } from '../api/shapes.ts';
import { Menu } from '../parts/menu.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { servicesSeen } from './services-seen.ts';

interface Props {
  stack: StackDetail;
  nameOf: (id: string) => string;
}

const WORDS: readonly (readonly [StackAction, string])[] = [
  ['restart', 'Restart'],
  ['pull', 'Pull images'],
  ['stop', 'Stop'],
  ['start', 'Start'],
];

/** Nodes that are asked for the services they have: what a stack is made of is the same on all of them. */
const ASKED = 3;

function useServices(stack: StackDetail, node: string) {
  const nodes = node === '' ? stack.nodes.slice(0, ASKED).map((each) => each.node) : [node];
  const statuses = useQueries({ queries: nodes.map((each) => nodeStatus(each)) });
  return servicesSeen(
    stack,
    statuses.flatMap(({ data }) => data ?? []),
  );
}

function Panel({ stack, nameOf }: Props) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const ids = useId();
  const [node, setNode] = useState('');
  const [service, setService] = useState('');
  const services = useServices(stack, node);
  /** As typed; null: as many as there are. */
  const [typed, setTyped] = useState<string | null>(null);
  const present = services.find(({ name }) => name === service)?.containers ?? null;
  const replicas = typed ?? (present === null ? '' : String(present));
  const act = useMutation({
    mutationFn: ({ action, body }: { action: StackAction; body: ActionBody }) => actOnStack(stack.name, action, body),
    onSuccess: async ({ changed, deployment }) => {
      await cache.invalidateQueries({ queryKey: ['stack', stack.name] });
      if (changed && deployment !== null)
        await navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } });
    },
  });
  const where = node === '' ? {} : { nodes: [node] };
  const which = service === '' ? {} : { services: [service] };
  const run = (action: StackAction) => {
    // Stop and start are of the whole stack on a node.
    const takesServices = action === 'restart' || action === 'pull';
    act.mutate({ action, body: { ...where, ...(takesServices ? which : {}) } });
  };
  return (
    <div className="w-64 space-y-3">
      <div>
        <label htmlFor={`${ids}node`} className="column-title mb-1 block">
          On
        </label>
        <select id={`${ids}node`} className="field" value={node} onChange={(event) => setNode(event.target.value)}>
          <option value="">all its nodes</option>
          {stack.nodes.map((each) => (
            <option key={each.node} value={each.node}>
              {nameOf(each.node)}
              {stack.stoppedNodes.includes(each.node) ? ' (stopped)' : ''}
            </option>
          ))}
        </select>
      </div>
      <div>
        <label htmlFor={`${ids}service`} className="column-title mb-1 block">
          Service, to restart, pull or scale
        </label>
        <select
          id={`${ids}service`}
          className="field"
          value={service}
          onChange={(event) => {
            setService(event.target.value);
            setTyped(null);
          }}
        >
          <option value="">all of them</option>
          {services.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <div className="grid grid-cols-2 gap-2">
        {WORDS.map(([action, words]) => (
          <button
            key={action}
            type="button"
            className="button justify-center"
            disabled={act.isPending}
            onClick={() => run(action)}
          >
            {words}
          </button>
        ))}
      </div>
      <div className="flex items-end gap-2 border-t border-line pt-3">
        <label className="min-w-0 flex-1">
          <span className="column-title mb-1 block">Containers of {service === '' ? 'a service' : service}</span>
          <input
            className="field"
            type="number"
            min={0}
            max={1000}
            value={replicas}
            disabled={service === ''}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <button
          type="button"
          className="button h-[30px]"
          disabled={act.isPending || service === '' || !/^\d{1,4}$/.test(replicas)}
          onClick={() => act.mutate({ action: 'scale', body: { services: [service], replicas: Number(replicas) } })}
        >
          Scale
        </button>
      </div>
      {act.data?.changed === false && <p role="status">Nothing to do: it is so already.</p>}
      {act.error && <ProblemView error={act.error} />}
    </div>
  );
}

export function ActionsMenu(props: Props) {
  return (
    <Menu label="Actions" title={`Actions for ${props.stack.name}`}>
      {() => <Panel {...props} />}
    </Menu>
  );
}
