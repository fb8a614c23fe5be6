// Pure: when a source is looked at again, what a stack becomes by what was fetched, and what is noted of it.
import type { SourceState } from '#subjects/schema/source.ts';
import type { StackSpec } from '#subjects/schema/stack.ts';
import { type Content, type Specification, specificationOf, specOf } from '../specification.ts';

/** What was fetched, as far as a specification takes it up. */
export interface SourceText {
  readonly compose: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What the specification says itself goes before what was fetched.
 * @throws OverseerError `invalid-input`
 */
export function specificationFrom(spec: StackSpec, fetched: SourceText): Specification {
  const files = { ...fetched.files, ...spec.files };
  const env = { ...fetched.env, ...spec.env };
  const specification = specificationOf({ ...spec, compose: fetched.compose, files, env });
  const given = { files: spec.files ?? {}, env: spec.env ?? {}, secrets: spec.secrets ?? {} };
  return { ...specification, settings: { ...specification.settings, given } };
}

/** The present stack with the text that was fetched. @throws OverseerError `invalid-input` */
export function contentFrom(present: Specification, fetched: SourceText): Content {
  const { content } = specificationFrom(specOf(present), fetched);
  return { ...content, place: present.content.place };
}

const FIRST_RETRY_SECONDS = 30;
const LONGEST_RETRY_SECONDS = 3600;
/** Of a source that is looked at only when asked: then it is for whoever asked to ask again. */
const TRIES_UNASKED = 6;

export interface Outcome {
  readonly everySeconds: number;
  /** In a row, this one included. */
  readonly failures: number;
}

/** Seconds before what failed so often in a row is tried again. */
export function pauseAfter(failures: number): number {
  return Math.min(FIRST_RETRY_SECONDS * 2 ** Math.max(failures - 1, 0), LONGEST_RETRY_SECONDS);
}

/** Seconds until the next look; null: not before somebody asks. @param spread from 0 to 1, so that stacks are not in step */
export function nextCheck({ everySeconds, failures }: Outcome, spread: number): number | null {
  const seconds = (wanted: number) => wanted * (1 + spread / 10);
  if (failures === 0) return everySeconds === 0 ? null : seconds(everySeconds);
  if (everySeconds === 0 && failures >= TRIES_UNASKED) return null;
  return seconds(Math.max(everySeconds, pauseAfter(failures)));
}

const NEVER_LOOKED: SourceState = { commit: null, seen: null, checkedAt: null, error: null };

/** Nothing new: only the time of the look. */
export function lookedAt(before: SourceState | null, at: string): SourceState {
  return { ...(before ?? NEVER_LOOKED), checkedAt: at, error: null };
}

/** The running stack is none of a failure's business. */
export function failedLook(before: SourceState | null, seen: string | null, error: string, at: string): SourceState {
  const known = before ?? NEVER_LOOKED;
  return { ...known, seen: seen ?? known.seen, checkedAt: at, error: error.slice(0, 4096) };
}

export interface Found {
  readonly commit: string;
  /** Of its text at the stack's path. */
  readonly hash: string;
}

/** @param isDeployed false when the commit changed nothing at the stack's own path */
export function foundCommit(
  before: SourceState | null,
  { commit, hash }: Found,
  isDeployed: boolean,
  at: string,
): SourceState {
  const present = isDeployed || before === null ? commit : before.commit;
  return { commit: present, seen: commit, fetched: hash, checkedAt: at, error: null };
}

export interface Standing {
  /** Of the present revision, and of what the source would make of it. */
  readonly present: string;
  readonly wanted: string;
  /** Of the source's text now, and when it was last taken up. */
  readonly hash: string;
  readonly fetched: string | undefined;
}

/**
 * Compared with what the source said before, not with what runs: whoever went back to an earlier revision by hand keeps it
 * until the source itself says something else.
 */
export function isNews({ present, wanted, hash, fetched }: Standing): boolean {
  return wanted !== present && hash !== fetched;
}

/** For whoever asked for a look by hand and sees nothing change. */
export function whyNothing({ present, wanted, hash, fetched }: Standing, commit: string): string {
  if (hash !== fetched) return 'what the source says is what the stack is already';
  const still = 'the source says at its path what it said when it was looked at before';
  if (present === wanted) return still;
  return `${still}, so what runs instead is kept; put the stack to deploy commit ${commit.slice(0, 12)} again`;
}

/** Commit that need not be fetched again: the one that was seen last, unless it did not work out. */
export function knownCommit(state: SourceState | null): string | null {
  return state !== null && state.error === null ? state.seen : null;
}
