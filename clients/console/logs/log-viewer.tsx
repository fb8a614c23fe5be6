// Logs: what is looked for, the lines, and how it stands with them.
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import type { LogItem } from '#clients/sdk/logs.ts';
import { Empty, Loading } from '../parts/empty.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { prefer, usePreference } from '../shell/preferences.ts';
import { whenShortcut } from '../shell/shortcuts.ts';
import { useNodeNames } from '../stacks/node-names.ts';
import { CoverageDialog } from './coverage-dialog.tsx';
import { LineDialog } from './line-dialog.tsx';
import { LogList } from './log-list.tsx';
import type { RowLook } from './log-row.tsx';
import { aroundLine, isLive, type LogSearch } from './log-search.ts';
import { patternOf } from './log-text.ts';
import type { TimeForm } from './log-time.ts';
import { LogToolbar } from './log-toolbar.tsx';
import { DownloadMenu, LookMenu } from './look-menu.tsx';
import { StreamWords } from './stream-words.tsx';
import { useLogFeed } from './use-log-feed.ts';
import { useLogSearch } from './use-log-search.ts';
import { useSourceWidth } from './use-source-width.ts';
import { useWayToLine } from './use-way-to-line.ts';

interface Props {
  fixed?: Pick<LogSearch, 'stack' | 'node'>;
  title: ReactNode;
}

const NOTHING_FIXED = {};

function useLook(search: LogSearch, sourceWidth: number): RowLook {
  const times = usePreference('logTimes') as TimeForm;
  const wrap = usePreference('logWrap') === 'on';
  const colours = usePreference('logColours') === 'on';
  const { text, node, stack, service } = search;
  return useMemo(
    () => ({
      ...{ times, wrap, colours, pattern: patternOf({ text }) },
      ...{ showsNode: node === undefined, showsSource: stack === undefined || service === undefined, sourceWidth },
    }),
    [times, wrap, colours, text, node, stack, service, sourceWidth],
  );
}

function nextTimes(times: TimeForm): TimeForm {
  return times === 'off' ? 'local' : times === 'local' ? 'utc' : 'off';
}

export function LogViewer({ fixed = NOTHING_FIXED, title }: Props) {
  const { search: said, change } = useLogSearch();
  const search = useMemo(() => ({ ...said, ...fixed }), [said, fixed]);
  const { feed, state } = useLogFeed(search);
  const nameOf = useNodeNames();
  const { held, isReading, error } = state;
  const look = useLook(search, useSourceWidth(held?.items, search, nameOf));
  const live = isLive(search);
  const [isFollowing, setFollowing] = useState(said.line === undefined);
  const [opened, setOpened] = useState<LogItem | null>(null);
  const [isCoverage, setCoverage] = useState(false);
  useEffect(
    () =>
      whenShortcut({
        f: () => setFollowing((following) => !following),
        w: () => prefer('logWrap', look.wrap ? 'off' : 'on'),
        t: () => prefer('logTimes', nextTimes(look.times)),
      }),
    [look],
  );
  const readOlder = useCallback(() => void feed.readOlder(), [feed]);
  const hasOlder = held !== null && held.older !== null;
  useWayToLine(feed, state, search.line ?? null);
  const head = (
    <p className="px-4 py-1 font-sans text-label text-ink-3">
      {isReading ? (
        'Reading what was before …'
      ) : hasOlder ? (
        <button type="button" className="button button-quiet" onClick={readOlder}>
          Read what was before
        </button>
      ) : (
        'Nothing before this is kept.'
      )}
    </p>
  );
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="space-y-2 px-5 py-2.5">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          {title}
          <StreamWords stream={state.stream} isLive={live} />
          <div className="ml-auto flex flex-wrap items-center gap-2">
            {live && (
              <button
                type="button"
                className="button aria-pressed:border-accent aria-pressed:text-accent"
                aria-pressed={isFollowing}
                aria-keyshortcuts="f"
                onClick={() => setFollowing(!isFollowing)}
              >
                {isFollowing ? 'Following' : 'Follow'}
              </button>
            )}
            <button type="button" className="button" onClick={() => setCoverage(true)}>
              What is held
            </button>
            <DownloadMenu search={search} />
            <LookMenu />
          </div>
        </div>
        <LogToolbar search={search} fixed={fixed} onChange={change} />
      </header>
      {error && (
        <div className="px-5 pb-2">
          <ProblemView error={error} onRetry={readOlder} />
        </div>
      )}
      {held === null && error === null && <Loading what="lines" />}
      {held !== null && held.items.length === 0 && (
        <Empty
          title={isReading ? 'Searching …' : 'No lines'}
          action={
            hasOlder && !isReading ? (
              <button type="button" className="button" onClick={readOlder}>
                Search further back
              </button>
            ) : undefined
          }
        >
          {hasOlder
            ? 'Nothing was found so far.'
            : live
              ? 'What comes is shown here.'
              : 'Nothing that is kept matches.'}
        </Empty>
      )}
      {held !== null && held.items.length > 0 && (
        <LogList
          label="Log lines"
          items={held.items}
          arrived={state.arrived}
          look={look}
          nameOf={nameOf}
          isFollowing={isFollowing}
          onFollow={setFollowing}
          onOlder={hasOlder && !isReading ? readOlder : null}
          onOpen={setOpened}
          pointed={search.line ?? null}
          onPoint={(line) => change({ line })}
          head={head}
        />
      )}
      {opened !== null && (
        <LineDialog
          item={opened}
          node={nameOf(opened.node)}
          onAround={(id, at) => {
            setOpened(null);
            setFollowing(false);
            change(aroundLine(said, id, at), 'all');
          }}
          onClose={() => setOpened(null)}
        />
      )}
      {isCoverage && <CoverageDialog search={search} nameOf={nameOf} onClose={() => setCoverage(false)} />}
    </div>
  );
}
