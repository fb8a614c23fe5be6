// The parts of a stack's page, as they stand in its address.
export const STACK_TABS = ['services', 'logs', 'compose', 'revisions', 'settings'] as const;
export type StackTab = (typeof STACK_TABS)[number];
