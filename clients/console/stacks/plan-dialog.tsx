// What a deployment would do on each node, before it is sent.
import type { StackPlan } from '../api/shapes.ts';
import { plain } from '../parts/ansi.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Mark } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import {
  batchWords,
  CHANGE_WORDS,
  groupSummary,
  nodeList,
  type PlanGroup,
  planGroups,
  planTitle,
  reasonWords,
  stateWords,
} from './plan-words.ts';

function Changes({ group }: { group: PlanGroup }) {
  if (group.changes.length === 0) return null;
  return (
    <table className="w-full text-left" aria-label={`Changes on ${nodeList(group.names)}`}>
      <tbody>
        {group.changes.map(({ service, container, change, reasons }) => (
          <tr key={`${service} ${container} ${change}`} className="border-t border-line align-top">
            <td className="w-[22%] py-1.5 pl-4 font-medium break-words">{service}</td>
            <td className="w-32 py-1.5">
              <span className={`flex items-center gap-1.5 ${change === 'keep' ? 'text-ink-3' : ''}`}>
                <Mark state={change} isStill /> {CHANGE_WORDS[change]}
              </span>
            </td>
            <td className="py-1.5 pr-4 break-words text-ink-2">
              {reasons.map((reason) => (
                <p key={`${reason.kind} ${reason.detail}`}>{plain(reasonWords(reason))}</p>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What the node would do, in its order. */
function PlannedSteps({ group }: { group: PlanGroup }) {
  if (group.steps.length === 0) return null;
  return (
    <ol aria-label={`Steps on ${nodeList(group.names)}`} className="space-y-0.5 border-t border-line px-4 py-1.5">
      {group.steps.map(({ step, why }) => (
        <li key={`${step} ${why}`} className="break-words">
          <span className="font-medium">{step}</span> <span className="text-ink-2">{plain(why)}</span>
        </li>
      ))}
    </ol>
  );
}

function Group({ group, inBatches }: { group: PlanGroup; inBatches: boolean }) {
  const words = stateWords(group);
  return (
    <li className="panel overflow-hidden">
      <div className="flex flex-wrap items-center gap-x-3 px-4 py-2">
        <Mark state={group.state} />
        <h3 className="min-w-0 font-semibold break-words">{nodeList(group.names)}</h3>
        {inBatches && <span className="text-ink-3">{batchWords(group.batches)}</span>}
        <span className="text-ink-2">{words === '' ? groupSummary(group) : words}</span>
      </div>
      {group.reason !== null && (
        <p
          className={`px-4 pb-2 break-words whitespace-pre-wrap ${group.state === 'failed' ? 'text-bad' : 'text-ink-2'}`}
        >
          {plain(group.reason)}
        </p>
      )}
      <Changes group={group} />
      <PlannedSteps group={group} />
    </li>
  );
}

interface Props {
  plan: StackPlan;
  /** Absent where there is nothing to send: the plan of what is there. */
  deploy?: {
    readonly isBusy: boolean;
    readonly error: Error | null;
    /** The form says something else by now than what was planned. */
    readonly isOlder: boolean;
    readonly onDeploy: () => void;
  };
  onClose: () => void;
}

export function PlanDialog({ plan, deploy, onClose }: Props) {
  const groups = planGroups(plan);
  const inBatches = new Set(plan.nodes.map(({ batch }) => batch)).size > 1;
  return (
    <Dialog title={`Plan for ${plan.name}`} onClose={onClose} wide>
      <div className="space-y-4">
        <p className="font-semibold" role="status">
          {planTitle(plan)}
        </p>
        {deploy?.isOlder && (
          <p className="rounded-lg border border-warn bg-warn-soft px-4 py-2.5">
            The form was changed while this was planned. Deploy sends what was planned; go back to plan the rest.
          </p>
        )}
        {plan.warnings.length > 0 && (
          <ul className="space-y-1 rounded-lg border border-warn bg-warn-soft px-4 py-2.5">
            {plan.warnings.map((warning) => (
              <li key={warning} className="break-words">
                {plain(warning)}
              </li>
            ))}
          </ul>
        )}
        {groups.length === 0 && (
          <p className="text-ink-2">No node matches its targets. It starts as soon as one does.</p>
        )}
        <ul aria-label="Nodes" className="space-y-3">
          {groups.map((group) => (
            <Group key={`${group.state} ${group.names[0]}`} group={group} inBatches={inBatches} />
          ))}
        </ul>
        {deploy?.error && <ProblemView error={deploy.error} />}
        <div className="flex justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>
            {deploy === undefined ? 'Close' : 'Back'}
          </button>
          {deploy && (
            <button type="button" className="button button-main" disabled={deploy.isBusy} onClick={deploy.onDeploy}>
              {deploy.isBusy ? 'Deploying …' : 'Deploy'}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
