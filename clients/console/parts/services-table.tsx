// Services of one stack on one node, as the node reported them.
import type { ServiceOnNode } from '../api/shapes.ts';
import { Age } from './age.tsx';
import { State } from './marks.tsx';

/** Health says more than the container's state, when there is a health check. */
function stateOf({ state, health }: ServiceOnNode): string {
  return state === 'running' && health === 'unhealthy' ? 'unhealthy' : state;
}

function wordsOf({ state, health }: ServiceOnNode): string {
  return health === null || state !== 'running' ? state : `${state}, ${health}`;
}

export function ServicesTable({ services, label }: { services: readonly ServiceOnNode[]; label: string }) {
  if (services.length === 0) return <p className="px-4 py-2 text-ink-3">No services reported yet.</p>;
  return (
    <table className="w-full table-fixed text-left" aria-label={label}>
      <thead>
        <tr className="column-title [&>th]:h-7 [&>th]:font-medium">
          <th className="pl-4 sm:w-[24%]">Service</th>
          <th className="sm:w-[22%]">State</th>
          <th className="hidden sm:table-cell">Image</th>
          <th className="w-20 text-right">Restarts</th>
          <th className="w-20 pr-4 text-right">Up</th>
        </tr>
      </thead>
      <tbody>
        {services.map((service) => (
          <tr key={service.container} className="border-t border-line [&>td]:h-7 [&>td]:truncate">
            <td className="pl-4 font-medium">{service.name}</td>
            <td>
              <State state={stateOf(service)}>{wordsOf(service)}</State>
            </td>
            <td className="hidden font-mono text-mono text-ink-2 sm:table-cell" title={service.image}>
              {service.image}
            </td>
            <td className={`text-right ${service.restarts > 0 ? 'text-warn' : 'text-ink-3'}`}>{service.restarts}</td>
            <td className="pr-4 text-right">
              {service.state === 'running' ? <Age at={service.startedAt} /> : <span className="text-ink-3">–</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
