// A deployment as it goes: each line when it is said, through a break of the stream, over many nodes in batches, and
// what can be done when it has ended.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '#test/harness/until.ts';
import { arranged } from './arranged.ts';
import { factOf } from './stand-in/history.ts';
import { ROLLOUT } from './stand-in/rollout.ts';
import { RUNNING_DEPLOYMENT, UNDONE_DEPLOYMENT } from './stand-in/stacks.ts';
import { worldOf } from './stand-in/world.ts';

describe('a deployment', () => {
  const on = arranged(() => worldOf(40, Date.now()), 'test');
  const running = () => on.core.world.deployments.find(({ id }) => id === RUNNING_DEPLOYMENT);
  const node = () => running()?.targets[0]?.node ?? '';
  const says = (...lines: string[]) =>
    on.core.tell(RUNNING_DEPLOYMENT, 'step-output', { node: node(), step: 'up', lines });
  const open = async () => {
    const page = await on.open(`/deployments/${RUNNING_DEPLOYMENT}`);
    await page.getByText('Container shop-web-1 Starting').waitFor();
    await until(() => on.core.openFollowers(RUNNING_DEPLOYMENT) === 1, 5000, 'its stream');
    return page;
  };

  test('each line of output is there when it is said, while the step goes on', async () => {
    const page = await open();
    const log = page.getByRole('log').last();
    await log.waitFor();
    const asked = () => on.core.asked.filter(({ path }) => path === `/deployments/${RUNNING_DEPLOYMENT}`).length;
    const before = asked();
    for (const line of ['Pulling layer 1', 'Pulling layer 2', 'Pulling layer 3']) {
      says(` ${line}`);
      await log.getByText(line).waitFor({ timeout: 2000 });
    }
    const text = await log.innerText();
    assert.ok(text.indexOf('layer 1') < text.indexOf('layer 2') && text.indexOf('layer 2') < text.indexOf('layer 3'));
    assert.equal(asked(), before, 'nothing is asked again for a line');
  });

  test('steps begin and end, and the node is settled with its failure', async () => {
    const page = await open();
    const at = { node: node() };
    on.core.tell(RUNNING_DEPLOYMENT, 'step-finished', {
      ...at,
      step: 'up',
      outcome: 'ok',
      reason: null,
      exitCode: 0,
      durationMs: 900,
    });
    on.core.tell(RUNNING_DEPLOYMENT, 'step-started', { ...at, step: 'watch', why: 'web must stay up for 10 s' });
    await page.getByText('web must stay up for 10 s').waitFor({ timeout: 2000 });
    on.core.tell(RUNNING_DEPLOYMENT, 'target', {
      ...at,
      state: 'rolled-back',
      reason: 'web exited',
      failure: { service: 'web', container: 'shop-web-1', exitCode: 137, lines: ['out of memory'] },
      deployment: null,
    });
    await page.getByText('ended with exit code 137').waitFor({ timeout: 2000 });
    await page.getByRole('log', { name: 'Last lines of web' }).getByText('out of memory').waitFor();
    await page
      .getByRole('region', { name: /^Steps on/ })
      .getByText('rolled back', { exact: true })
      .waitFor();
  });

  test('a line that is said while the stream is broken is there afterwards, and none twice', async () => {
    const page = await open();
    says('before the break');
    await page.getByText('before the break').waitFor({ timeout: 2000 });
    on.core.cutStreams(true);
    await page.getByText('Output paused — reconnecting').waitFor();
    says('during the break');
    on.core.cutStreams(false);
    await page.getByText('during the break').waitFor({ timeout: 20_000 });
    says('after the break');
    await page.getByText('after the break').waitFor({ timeout: 2000 });
    const text = await page.getByRole('log').last().innerText();
    for (const line of ['before the break', 'during the break', 'after the break'])
      assert.equal(text.split(line).length, 2, line);
    const resumed = on.core.asked.filter(({ path }) => path === `/deployments/${RUNNING_DEPLOYMENT} stream`).at(-1);
    assert.match(resumed?.lastEventId ?? '', /^\d+$/);
  });

  test('output follows its end until somebody scrolls up, and again when told to', async () => {
    const page = await open();
    const log = page.getByRole('log').last();
    const fromEnd = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    says(...Array.from({ length: 80 }, (_, at) => `line ${at}`));
    await page.getByText('line 79').waitFor();
    await until(async () => (await fromEnd()) < 24, 2000, 'the end');
    await log.evaluate((box) => box.scrollTo(0, 0));
    await page.getByRole('button', { name: /▼/ }).waitFor();
    says('one more', 'and one more');
    await page.getByRole('button', { name: '▼ 2 new lines' }).waitFor();
    assert.ok((await fromEnd()) > 100);
    await page.getByRole('button', { name: /▼/ }).click();
    await until(async () => (await fromEnd()) < 24, 2000, 'the end again');
  });

  test('when it has ended the stream is closed, and what was done stands', async () => {
    const page = await open();
    says('the last line');
    const finishedAt = new Date().toISOString();
    const last = running();
    const targets = last?.targets.map((target) => ({ ...target, state: 'succeeded', finishedAt, parked: false }));
    on.core.tell(RUNNING_DEPLOYMENT, 'deployment', { ...last, state: 'succeeded', finishedAt, targets });
    on.core.tell(RUNNING_DEPLOYMENT, 'end', {});
    await page.getByText(/^Running on \d+ nodes\.$/).waitFor({ timeout: 2000 });
    await until(() => on.core.openFollowers(RUNNING_DEPLOYMENT) === 0, 5000, 'no stream');
    assert.equal(await page.getByText('Output paused').count(), 0);
  });

  test('a rollout shows its batches, who is held and who is parked, and waits for a word', async () => {
    const page = await on.open(`/deployments/${ROLLOUT}`);
    await page.getByText('Batch 2 waits for your word.').waitFor();
    const nodes = page.getByRole('navigation', { name: 'Nodes of the deployment' });
    await nodes.getByRole('heading', { name: /^Batch 1/ }).waitFor();
    await nodes.getByRole('heading', { name: /^Batch 4/ }).waitFor();
    await nodes
      .getByRole('button', { name: /held for batch 3/ })
      .first()
      .waitFor();
    await nodes
      .getByRole('button', { name: /parked: runs on reconnect/ })
      .first()
      .click();
    await page.getByText('It starts when the node is back.').waitFor();
    await page.getByRole('button', { name: 'Continue' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Batch 2 waits for your word.').waitFor({ state: 'detached' });
    assert.ok(on.sent('POST', `/deployments/${ROLLOUT}/continue`));
    await page.getByRole('button', { name: 'Stop rollout' }).click();
    await until(() => on.sent('POST', `/deployments/${ROLLOUT}/cancel`) !== undefined, 2000, 'the stop');
  });

  test('while it waits it says for what', async () => {
    const held = running();
    assert.ok(held);
    held.reason = 'pauses before batch 2 of 3';
    const page = await on.open(`/deployments/${RUNNING_DEPLOYMENT}`);
    await page.getByRole('status').getByText('Under way: pauses before batch 2 of 3').waitFor();
    await until(() => on.core.openFollowers(RUNNING_DEPLOYMENT) === 1, 5000, 'its stream');
    held.state = 'pending';
    held.reason = 'waits for stack metrics';
    on.core.emit(factOf(700, 'progressed', `deployments/${RUNNING_DEPLOYMENT}`, new Date().toISOString(), {}));
    await page.getByRole('status').getByText('Not begun yet: waits for stack metrics').waitFor({ timeout: 3000 });
    held.state = 'progressing';
    held.reason = null;
    on.core.emit(factOf(701, 'progressed', `deployments/${RUNNING_DEPLOYMENT}`, new Date().toISOString(), {}));
    await page.getByText('waits for stack metrics').waitFor({ state: 'detached', timeout: 3000 });
  });

  test('all are listed, also restarts; those of one stack however old they are', async () => {
    const page = await on.open('/deployments');
    await page.getByRole('table', { name: 'Deployments' }).waitFor();
    await page.getByLabel('Filter deployments').fill('kind:restart');
    await page.getByRole('row', { name: /wiki.*restart.*ci/ }).waitFor();
    assert.equal(await page.getByRole('row').count(), 2);
    await page.goto('/stacks/notes');
    await page.getByRole('link', { name: 'All deployments' }).click();
    await page.waitForURL(/deployments\?q=stack:notes/);
    await page.getByRole('row', { name: /notes.*deploy.*rolled back.*12/ }).waitFor();
    await page
      .getByRole('row', { name: /notes.*deploy.*succeeded.*3/ })
      .first()
      .waitFor();
    await page.getByLabel('Filter deployments').fill('stack:notes state:rolled-back');
    const undone = page.getByRole('row', { name: /notes.*rolled back.*12/ }).getByRole('link');
    await undone.press('Enter');
    await page.getByText(/^Rolled back on/).waitFor();
  });

  test('one that was undone says why, with the last lines of the service, and leads back to a good revision', async () => {
    const page = await on.open(`/deployments/${UNDONE_DEPLOYMENT}`);
    await page.getByText(/^Rolled back on \d+ of \d+ nodes: the last good revision runs again\.$/).waitFor();
    await page.getByText('ended with exit code 1').waitFor();
    const log = page.getByRole('log', { name: 'Last lines of web' });
    assert.match(await log.innerText(), /nginx: \[emerg\] host not found in upstream "cachee"$/);
    // The one right before failed too.
    await page.getByRole('button', { name: 'Roll back to revision 10' }).click();
    await page.getByRole('dialog').getByText('Volumes and what they hold stay').waitFor();
    await page.getByRole('button', { name: 'Roll back', exact: true }).click();
    await page.waitForURL(new RegExp(RUNNING_DEPLOYMENT));
    assert.deepEqual(on.sent('POST', '/stacks/notes/rollback')?.body, { revision: 10 });
  });
});
