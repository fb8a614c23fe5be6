// Compose projects that run on a node and that nobody manages: one click takes one under management as it is.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { adoptProject } from '../api/changes.ts';
import { projects as projectsQuery } from '../api/queries.ts';
import type { Node, Project } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { Loading } from '../parts/empty.tsx';
import { Section } from '../parts/facts-list.tsx';
import { State } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';

function ProjectRow({ node, project }: { node: Node; project: Project }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const adopt = useMutation({
    mutationFn: () => adoptProject(node.id, project.name),
    onSuccess: async ({ deployment }) => {
      await Promise.all(
        [['node', node.id], ['projects', node.id], ['stacks']].map((queryKey) => cache.invalidateQueries({ queryKey })),
      );
      if (deployment !== null)
        await navigate({ to: '/deployments/$deploymentId', params: { deploymentId: deployment } });
    },
  });
  return (
    <li className="px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold">{project.name}</h3>
          <p className="truncate font-mono text-mono text-ink-3">
            {project.place === null ? 'its files are not known' : `${project.place.directory}/${project.place.file}`}
          </p>
        </div>
        <button
          type="button"
          className="button"
          aria-label={`Adopt ${project.name}`}
          disabled={project.obstacle !== null || adopt.isPending}
          onClick={() => adopt.mutate()}
        >
          {adopt.isPending ? 'Adopting …' : 'Adopt'}
        </button>
      </div>
      <ul className="mt-1 flex flex-wrap gap-x-5 gap-y-0.5" aria-label={`Services of ${project.name}`}>
        {project.services.map((service) => (
          <li key={service.container} className="flex items-center gap-2">
            <State state={service.health === 'unhealthy' ? 'unhealthy' : service.state}>{service.name}</State>
            <span className="font-mono text-mono text-ink-3">{service.image}</span>
          </li>
        ))}
      </ul>
      {project.obstacle !== null && (
        <p className="mt-1 text-ink-2">
          <strong className="font-semibold">Can’t be adopted:</strong> {plain(project.obstacle)}
        </p>
      )}
      {adopt.error && (
        <div className="mt-2">
          <ProblemView error={adopt.error} />
        </div>
      )}
    </li>
  );
}

export function Projects({ node }: { node: Node }) {
  const isAway = node.liveness !== 'online';
  const { data, error, refetch, isFetching } = useQuery({ ...projectsQuery(node.id), enabled: !isAway });
  const look = isAway ? null : (
    <button type="button" className="button" disabled={isFetching} onClick={() => void refetch()}>
      {isFetching ? 'Looking …' : 'Look again'}
    </button>
  );
  const items = data?.items ?? [];
  const adoptable = items.filter(({ obstacle }) => obstacle === null).length;
  return (
    <Section title="Other Compose projects" aside={look}>
      {isAway && data === undefined && (
        <p className="panel px-4 py-3 text-ink-3">The node is not connected; it can’t be asked.</p>
      )}
      {error && <ProblemView error={error} onRetry={() => void refetch()} />}
      {!isAway && data === undefined && !error && <Loading what="its projects" />}
      {data !== undefined && items.length === 0 && (
        <p className="panel px-4 py-3 text-ink-3">Every Compose project here is one of the stacks above.</p>
      )}
      {items.length > 0 && (
        <>
          <p className="mb-2 text-ink-2">
            They run and nobody manages them. {adoptable} of {items.length} can be adopted as{' '}
            {adoptable === 1 ? 'it is' : 'they are'}: no container is made anew when nothing differs.
          </p>
          <ul className="panel divide-y divide-line">
            {items.map((project) => (
              <ProjectRow key={project.name} node={node} project={project} />
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
