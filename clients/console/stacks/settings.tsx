// How a stack is rolled out and looked after, as it was set.
import { Link } from '@tanstack/react-router';
import type { StackDetail } from '../api/shapes.ts';
import { Age } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { FactsList, Section } from '../parts/facts-list.tsx';
import { policyWords } from './drift-words.ts';
import { gateWords, imageWords, logsWords, rolloutWords, shortDigest } from './setting-words.ts';
import { SourceView } from './source-view.tsx';

function Images({ stack }: { stack: StackDetail }) {
  return (
    <table className="w-full table-fixed text-left" aria-label="Images">
      <thead>
        <tr className="column-title [&>th]:h-8 [&>th]:font-medium">
          <th className="w-[16%] pl-4">Service</th>
          <th>Image</th>
          <th className="w-[19%]">Deployed</th>
          <th className="w-[28%]">In the registry</th>
          <th className="w-20 pr-4 text-right">Checked</th>
        </tr>
      </thead>
      <tbody>
        {stack.images.map((each) => {
          const hasMoved = each.pinned !== null && each.newest !== null && each.pinned !== each.newest;
          return (
            <tr key={each.service} className="border-t border-line [&>td]:h-8 [&>td]:truncate">
              <td className="pl-4 font-medium">{each.service}</td>
              <td className="font-mono text-mono" title={each.image}>
                {each.image}
              </td>
              <td className="font-mono text-mono text-ink-2">{shortDigest(each.pinned) ?? 'not pinned'}</td>
              <td
                className={
                  each.error === null ? `font-mono text-mono ${hasMoved ? 'text-warn' : 'text-ink-2'}` : 'text-bad'
                }
                title={each.error ?? each.newest ?? ''}
              >
                {each.error !== null
                  ? plain(each.error)
                  : hasMoved
                    ? `moved to ${shortDigest(each.newest)}`
                    : (shortDigest(each.newest) ?? '–')}
              </td>
              <td className="pr-4 text-right">{each.checkedAt === null ? '–' : <Age at={each.checkedAt} />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Links({ names }: { names: readonly string[] }) {
  return (
    <span className="flex flex-wrap gap-x-3">
      {names.map((name) => (
        <Link key={name} to="/stacks/$stackName" params={{ stackName: name }} className="link">
          {name}
        </Link>
      ))}
    </span>
  );
}

function SecretsUsed({ stack }: { stack: StackDetail }) {
  const used = Object.entries(stack.spec.secrets ?? {});
  if (used.length === 0) return null;
  return (
    <Section
      title="Secrets"
      aside={
        <Link to="/secrets" className="link">
          All secrets
        </Link>
      }
    >
      <ul className="panel divide-y divide-line">
        {used.map(([name, { secret, services, environment }]) => (
          <li key={name} className="px-4 py-2">
            <p>
              <span className="font-mono text-mono font-semibold">{name}</span>{' '}
              <span className="text-ink-3">
                {secret !== undefined && secret !== name ? `is ${secret}, ` : ''}
                as file /run/secrets/{name} for {services === undefined ? 'services that name it' : services.join(', ')}
              </span>
            </p>
            {environment !== undefined && (
              <p className="text-warn">Also as {environment}: readable in docker inspect and on the node’s disk.</p>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Settings({ stack }: { stack: StackDetail }) {
  const { spec } = stack;
  const scale = Object.entries(spec.scale ?? {}).map(([service, count]) => `${service} ${count}`);
  return (
    <div className="grid gap-6 xl:grid-cols-2">
      <div className="min-w-0 space-y-6">
        <Section title="Deployment">
          <div className="panel p-4">
            <FactsList
              facts={[
                ['Rollout', rolloutWords(spec.strategy)],
                ['Counts as good', gateWords(spec.strategy)],
                [
                  'When it fails',
                  spec.strategy?.rollback === false ? 'it stays as it is' : 'back to the last good revision by itself',
                ],
                ['Drift', `${spec.drift ?? 'correct'}. ${policyWords(spec.drift)}`],
                ['Needs', spec.dependsOn?.length ? <Links key="needs" names={spec.dependsOn} /> : 'no other stack'],
                ['Profiles', spec.profiles?.length ? spec.profiles.join(', ') : 'none'],
                ['Scale', scale.length === 0 ? 'as the compose text says' : scale.join(', ')],
                ['New images', imageWords(spec.images)],
                ['Output kept', logsWords(spec.logs)],
              ]}
            />
          </div>
        </Section>
        <SecretsUsed stack={stack} />
      </div>
      <div className="min-w-0 space-y-6">
        <SourceView stack={stack} />
        {stack.images.length > 0 && (
          <Section title="Images">
            <div className="panel overflow-x-auto">
              <Images stack={stack} />
            </div>
          </Section>
        )}
      </div>
    </div>
  );
}
