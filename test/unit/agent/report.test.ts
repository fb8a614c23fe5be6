// Reports that are larger than a message: less is told, never nothing, and what is left out is counted and said.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REDUCTIONS, reducedReport } from '#agent/reduced-report.ts';
import { startReporter } from '#agent/report.ts';
import { OverseerError } from '#subjects/errors.ts';
import { Report } from '#subjects/schema/report.ts';
import { until } from '#test/harness/until.ts';
import { reportOf } from '#test/integration/nats/reports.ts';

const SINCE = new Date(0).toISOString();

/** One container in 40 is not well, and its reason is long. */
function large(): Report {
  const report = reportOf(4000);
  const stacks = report.stacks.map((stack) => ({
    ...stack,
    reason: 'r'.repeat(4000),
    services: stack.services.map((service, index) =>
      index === 39 ? { ...service, state: 'exited' as const } : service,
    ),
  }));
  return { ...report, stacks, unmanaged: ['other'] };
}

const size = (report: Report) => JSON.stringify(report).length;

describe('a reduced report', () => {
  test('keeps every stack and its phase, describes what is not well, and counts the rest', () => {
    const whole = large();
    const reduced = reducedReport(whole, 1, SINCE);
    assert.ok(Report.safeParse(reduced).success);
    assert.deepEqual(
      reduced.stacks.map(({ name, phase, revision, hash }) => [name, phase, revision, hash]),
      whole.stacks.map(({ name, phase, revision, hash }) => [name, phase, revision, hash]),
    );
    for (const { services, leftOut } of reduced.stacks) {
      assert.equal(services[0]?.state, 'exited');
      assert.deepEqual([services.length, leftOut], [20, { running: 20 }]);
    }
    assert.deepEqual(
      reduced.conditions.map(({ type, status, since }) => [type, status, since]),
      [['report-reduced', true, SINCE]],
    );
  });

  test('each step is smaller; the last one holds no description and still every container in its count', () => {
    const whole = large();
    const sizes = [
      whole,
      ...Array.from({ length: REDUCTIONS }, (_, index) => reducedReport(whole, index + 1, SINCE)),
    ].map(size);
    assert.deepEqual(
      sizes,
      sizes.toSorted((a, b) => b - a),
    );
    const least = reducedReport(whole, REDUCTIONS, SINCE);
    assert.ok(Report.safeParse(least).success);
    assert.deepEqual([least.stacks[0]?.services, least.stacks[0]?.leftOut], [[], { exited: 1, running: 39 }]);
    assert.throws(() => reducedReport(whole, REDUCTIONS + 1, SINCE), RangeError);
  });

  test('a stack that lost nothing does not say so', () => {
    const small = reportOf(3);
    assert.equal(reducedReport(small, 1, SINCE).stacks[0]?.leftOut, undefined);
  });
});

describe('the reporter', () => {
  /** A core that takes reports up to this size. */
  async function told(whole: () => Report, limit: () => number, count: number) {
    const taken: Report[] = [];
    const lines: string[] = [];
    const keep =
      (level: string) =>
      (...line: unknown[]) =>
        void lines.push(`${level} ${line.at(-1)}`);
    const reporter = startReporter({
      node: 'n'.repeat(26),
      bus: () => ({
        isConnected: true,
        async emit(_name: string, _parameters: object, body: unknown) {
          const report = body as Report;
          if (size(report) > limit()) throw new OverseerError('too-large', 'too large');
          return taken.push(report);
        },
      }),
      build: whole,
      log: { debug: keep('debug'), info: keep('info'), warn: keep('warn') } as never,
    });
    for (let made = 1; made <= count; made += 1) {
      reporter.soon();
      await until(() => taken.length === made, 5_000, `report ${made}`);
    }
    await reporter.stop();
    return { taken, lines };
  }

  test('sends less when the whole is too large, warns once, and says when it is whole again', async () => {
    const whole = large();
    let made = 0;
    const limits = [1_000_000, 200_000, 10_000_000];
    const { taken, lines } = await told(
      () => ({ ...whole, observedGeneration: made++ }),
      () => limits[made - 1] as number,
      3,
    );
    assert.deepEqual(
      taken.map(({ conditions }) => conditions.length),
      [1, 1, 0],
    );
    assert.ok((taken[0]?.stacks[0]?.services.length ?? 0) > (taken[1]?.stacks[0]?.services.length ?? 0));
    assert.equal(taken[0]?.conditions[0]?.since, taken[1]?.conditions[0]?.since);
    assert.deepEqual(lines, [
      'warn the report is larger than a message; containers are left out',
      'info the report is whole again',
    ]);
  });
});
