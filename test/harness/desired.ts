// What a desired stack has beside its text, when a test is about something else.
import type { DesiredStack } from '#subjects/schema/desired.ts';

export const PLAIN: Pick<DesiredStack, 'profiles' | 'scale' | 'drift' | 'rollback' | 'secrets' | 'pins' | 'place'> = {
  profiles: [],
  scale: {},
  drift: 'correct',
  rollback: false,
  secrets: [],
  pins: {},
  place: null,
};
