// What became of each message to a target; a test, and another try.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { retryDelivery, testNotification } from '../api/changes.ts';
import { deliveries } from '../api/queries.ts';
import type { Delivery, Notification } from '../api/shapes.ts';
import { Age } from '../parts/age.tsx';
import { plain } from '../parts/ansi.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Loading } from '../parts/empty.tsx';
import { State } from '../parts/marks.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { ScrollArea } from '../parts/scroll-area.tsx';
import { plural } from '../parts/words.ts';

const MARKS: Readonly<Record<Delivery['state'], readonly [string, string]>> = {
  pending: ['waiting', 'on the way'],
  delivered: ['delivered', 'delivered'],
  dead: ['given', 'given up'],
};

function Row({ delivery, onRetry, busy }: { delivery: Delivery; onRetry: () => void; busy: boolean }) {
  const { state, title, text, attempts, lastStatus, lastError, nextTryAt, createdAt } = delivery;
  const [mark, words] = MARKS[state];
  const answer = [
    ...(lastStatus === null ? [] : [`HTTP ${lastStatus}`]),
    ...(lastError === null ? [] : [plain(lastError)]),
  ];
  return (
    <li className="space-y-0.5 px-4 py-2.5">
      <p className="flex flex-wrap items-center gap-x-3">
        <State state={mark}>{words}</State>
        <span className="font-medium">{plain(title)}</span>
        <span className="ml-auto text-ink-3">
          <Age at={createdAt} suffix=" ago" />
        </span>
      </p>
      {text !== '' && <p className="break-words whitespace-pre-wrap text-ink-2">{plain(text)}</p>}
      {state !== 'delivered' && (
        <p className="flex flex-wrap items-center gap-x-3 text-ink-3">
          <span className="min-w-0 break-words">
            {plural(attempts, 'try', 'tries')}
            {answer.length > 0 && `: ${answer.join(', ')}`}
            {nextTryAt !== null && `; the next at ${new Date(nextTryAt).toLocaleTimeString()}`}
          </span>
          <button
            type="button"
            className="button button-quiet ml-auto h-6"
            disabled={busy}
            aria-label={`Try ${title} again`}
            onClick={onRetry}
          >
            Try now
          </button>
        </p>
      )}
    </li>
  );
}

export function DeliveriesDialog({ target, onClose }: { target: Notification; onClose: () => void }) {
  const cache = useQueryClient();
  const { data, error, refetch } = useQuery(deliveries(target.name));
  const again = () => cache.invalidateQueries({ queryKey: ['notifications'] });
  const retry = useMutation({ mutationFn: (id: string) => retryDelivery(target.name, id), onSettled: again });
  const test = useMutation({ mutationFn: () => testNotification(target.name), onSettled: again });
  const outcome = test.data;
  return (
    <Dialog title={`Messages to ${target.name}`} onClose={onClose} wide>
      <div className="space-y-4">
        <div className="flex flex-wrap items-center gap-3">
          <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? 'Sending …' : 'Send a test'}
          </button>
          <span role="status" className={outcome?.delivered === false ? 'text-bad' : 'text-ink-2'}>
            {outcome?.delivered === true &&
              `It was taken${outcome.status === null ? '' : ` (HTTP ${outcome.status})`}.`}
            {outcome?.delivered === false && `It was not taken: ${plain(outcome.error ?? `HTTP ${outcome.status}`)}`}
          </span>
        </div>
        {(test.error ?? retry.error) && <ProblemView error={(test.error ?? retry.error) as Error} />}
        {error && <ProblemView error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Loading what="messages" />}
        {data?.items.length === 0 && <p className="text-ink-2">Nothing was sent to it yet.</p>}
        {data !== undefined && data.items.length > 0 && (
          <ScrollArea label="Messages" className="max-h-[55dvh] rounded-lg border border-line">
            <ol className="divide-y divide-line">
              {data.items.map((delivery) => (
                <Row
                  key={delivery.id}
                  delivery={delivery}
                  busy={retry.isPending}
                  onRetry={() => retry.mutate(delivery.id)}
                />
              ))}
            </ol>
          </ScrollArea>
        )}
      </div>
    </Dialog>
  );
}
