// Every screen that is looked at, and how each comes into the state in which it is.
import type { Page } from 'playwright-core';
import { ROLLOUT } from './stand-in/rollout.ts';
import type { StandIn } from './stand-in/server.ts';
import { FAILED_DEPLOYMENT, RUNNING_DEPLOYMENT, UNDONE_DEPLOYMENT } from './stand-in/stacks.ts';

export interface Screen {
  readonly name: string;
  readonly path: (core: StandIn) => string;
  readonly ready: (page: Page) => Promise<unknown>;
  readonly signedIn?: boolean;
  readonly empty?: boolean;
  readonly fails?: boolean;
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
const lines = (page: Page) => page.getByRole('log').locator('[data-index]').first().waitFor();
export const rows = (page: Page) => page.getByRole('row').nth(2).waitFor();

async function addNode(page: Page, made: boolean): Promise<void> {
  await page.getByRole('button', { name: 'Add node' }).first().click();
  await page.getByRole('dialog').waitFor();
  if (!made) return;
  await page.getByRole('button', { name: 'Make the command' }).click();
  await page.getByRole('region', { name: 'Command' }).waitFor();
}

/** Presses it, and waits for the dialog that opens. */
const press =
  (role: 'button', name: string | RegExp, acts = true) =>
  async (page: Page) => {
    await page.getByRole(role, { name }).first().waitFor();
    if (!acts) return;
    await page.getByRole(role, { name }).first().click();
    await page.locator('dialog[open], [aria-expanded="true"]').first().waitFor();
  };

async function line(page: Page): Promise<void> {
  await lines(page);
  await page.keyboard.press('k');
  await page.keyboard.press('o');
  await page.getByRole('dialog').waitFor();
}

async function verified(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Verify' }).click();
  await page.getByText(/are as they were written/).waitFor();
}

async function messages(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'tickets', exact: true }).click();
  await page.getByText('given up').last().waitFor();
}

async function compare(page: Page): Promise<void> {
  await page.getByLabel('Compare revision 7').check();
  await page.getByLabel('Compare revision 6').check();
  await page.getByRole('button', { name: 'Compare 6 with 7' }).click();
  await page.getByRole('region', { name: 'Changes of compose.yaml' }).waitFor();
}

async function unfold(page: Page): Promise<void> {
  await page.getByLabel('compose.yaml').waitFor();
  for (const each of await page.locator('summary').all()) await each.click();
  await page.getByRole('button', { name: 'Add a file' }).click();
  await page.getByLabel('When a tag moves, images').selectOption('notify');
  await page.getByRole('button', { name: 'Add a registry’s login' }).click();
  await page.getByLabel('Nodes at a time').waitFor();
}

async function prune(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Adopt paperless' }).waitFor();
  await page.getByRole('button', { name: /^More/ }).click();
  await page.getByRole('button', { name: 'Prune images …' }).click();
  await page.getByRole('dialog').waitFor();
}

async function webhook(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Webhook' }).click();
  await page.getByRole('button', { name: 'Show secret' }).click();
}

async function moved(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('wiki');
  await page.getByLabel('compose.yaml').fill('services: {}');
  await page.getByRole('button', { name: 'Deploy' }).click();
  await page.getByRole('alert').getByText('There is a stack named wiki already').waitFor();
}

export const SCREENS: readonly Screen[] = [
  { name: 'sign-in', path: () => '/nodes', ready: (page) => page.getByLabel('Admin token').waitFor(), signedIn: false },
  { name: 'nodes', path: () => '/nodes', ready: rows },
  { name: 'nodes, none', path: () => '/nodes', ready: heading('No nodes yet'), empty: true },
  { name: 'nodes, none found', path: () => '/nodes?q=zzz', ready: heading('Nothing matches the filter') },
  {
    name: 'nodes, failed',
    path: () => '/nodes',
    ready: (page) => page.getByRole('alert').waitFor(),
    fails: true,
  },
  { name: 'no such node', path: () => '/nodes/nobody', ready: heading('No such node') },
  { name: 'a node', path: (core) => `/nodes/${core.world.nodes[2]?.id}`, ready: heading('Machine') },
  {
    name: 'an offline node',
    path: (core) => `/nodes/${core.world.nodes[7]?.id}`,
    ready: (page) => page.getByText('keep running').waitFor(),
  },
  { name: 'add node', path: () => '/nodes', ready: (page) => addNode(page, false) },
  { name: 'add node, command', path: () => '/nodes', ready: (page) => addNode(page, true) },
  { name: 'columns', path: () => '/nodes', ready: (page) => page.getByRole('button', { name: /^View/ }).click() },
  { name: 'preferences', path: () => '/nodes', ready: (page) => page.getByRole('button', { name: /^admin/ }).click() },
  { name: 'stacks', path: () => '/stacks', ready: rows },
  { name: 'stacks, none', path: () => '/stacks', ready: heading('No stacks yet'), empty: true },
  {
    name: 'a stack',
    path: () => '/stacks/shop',
    ready: (page) => page.getByText('redis:7.4-alpine').first().waitFor(),
  },
  {
    name: 'removal',
    path: () => '/stacks/shop',
    ready: (page) => page.getByRole('button', { name: 'Remove …' }).click(),
  },
  { name: 'deploy', path: () => '/deploy', ready: (page) => page.getByRole('checkbox').first().waitFor() },
  {
    name: 'a deployment',
    path: () => `/deployments/${RUNNING_DEPLOYMENT}`,
    ready: (page) => page.getByRole('log').first().waitFor(),
  },
  {
    name: 'a failed deployment',
    path: () => `/deployments/${FAILED_DEPLOYMENT}`,
    ready: (page) => page.getByText('exit code 18').waitFor(),
  },
  {
    name: 'a deployment that was undone',
    path: () => `/deployments/${UNDONE_DEPLOYMENT}`,
    ready: (page) => page.getByText('ended with exit code 1').waitFor(),
  },
  { name: 'a rollout', path: () => `/deployments/${ROLLOUT}`, ready: press('button', 'Continue', false) },
  { name: 'drift', path: () => '/stacks/shop', ready: press('button', /^Drift of/) },
  { name: 'actions on a stack', path: () => '/stacks/shop', ready: press('button', /^Actions/) },
  { name: 'compose', path: () => '/stacks/shop?tab=compose', ready: (page) => page.getByText('redis:7.4').waitFor() },
  { name: 'settings', path: () => '/stacks/web?tab=settings', ready: (page) => page.getByText('moved to').waitFor() },
  { name: 'secrets of a stack', path: () => '/stacks/shop?tab=settings', ready: heading('Secrets') },
  { name: 'deployments', path: () => '/deployments', ready: rows },
  { name: 'deployments, none', path: () => '/deployments', ready: heading('No deployments yet'), empty: true },
  { name: 'webhook', path: () => '/stacks/web?tab=settings', ready: webhook },
  { name: 'a plan of what is there', path: () => '/stacks/gitea', ready: press('button', 'Plan') },
  { name: 'another revision is the newest', path: () => '/deploy', ready: moved },
  {
    name: 'settings of a node',
    path: (core) => `/nodes/${core.world.nodes[2]?.id}`,
    ready: press('button', 'Settings'),
  },
  { name: 'revisions', path: () => '/stacks/shop?tab=revisions', ready: rows },
  { name: 'two revisions', path: () => '/stacks/shop?tab=revisions', ready: compare },
  { name: 'rolling back', path: () => '/stacks/shop?tab=revisions', ready: press('button', 'Roll back to revision 5') },
  { name: 'change, all of it', path: () => '/deploy?stack=shop', ready: unfold },
  {
    name: 'from git',
    path: () => '/deploy?stack=web',
    ready: (page) => page.getByLabel('Repository', { exact: true }).waitFor(),
  },
  { name: 'a plan', path: () => '/deploy?stack=gitea', ready: press('button', 'Plan') },
  { name: 'secrets', path: () => '/secrets', ready: rows },
  { name: 'secrets, none', path: () => '/secrets', ready: heading('No secrets yet'), empty: true },
  { name: 'secrets, failed', path: () => '/secrets', ready: (page) => page.getByRole('alert').waitFor(), fails: true },
  { name: 'a new value', path: () => '/secrets', ready: press('button', 'Rotate db-password') },
  { name: 'a secret in use', path: () => '/secrets', ready: press('button', 'Delete db-password') },
  { name: 'pruning', path: (core) => `/nodes/${core.world.nodes[2]?.id}`, ready: prune },
  { name: 'logs', path: () => '/logs', ready: lines },
  { name: 'logs, none', path: () => '/logs', ready: heading('No lines'), empty: true },
  { name: 'logs, failed', path: () => '/logs', ready: (page) => page.getByRole('alert').waitFor(), fails: true },
  { name: 'logs, searched', path: () => '/logs?text=Error', ready: (page) => page.locator('mark').first().waitFor() },
  { name: 'logs of a stack', path: () => '/stacks/shop?tab=logs', ready: lines },
  { name: 'a line', path: () => '/logs', ready: line },
  { name: 'what is held of logs', path: () => '/logs', ready: press('button', 'What is held') },
  { name: 'times of logs', path: () => '/logs', ready: press('button', /^Time/) },
  { name: 'events', path: () => '/events', ready: rows },
  { name: 'audit', path: () => '/audit', ready: rows },
  { name: 'verified', path: () => '/audit', ready: verified },
  { name: 'notifications', path: () => '/notifications', ready: rows },
  { name: 'notifications, none', path: () => '/notifications', ready: heading('Nobody is notified yet'), empty: true },
  { name: 'a notification', path: () => '/notifications', ready: press('button', 'Change tickets') },
  { name: 'messages', path: () => '/notifications', ready: messages },
  { name: 'readers', path: () => '/readers', ready: rows },
  { name: 'readers, none', path: () => '/readers', ready: heading('No readers yet'), empty: true },
  { name: 'add reader', path: () => '/readers', ready: press('button', 'Add reader') },
];
