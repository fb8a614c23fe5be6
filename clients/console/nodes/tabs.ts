// The parts of a node's page, as they stand in its address.
export const NODE_TABS = ['overview', 'logs'] as const;
export type NodeTab = (typeof NODE_TABS)[number];
