// A reporter for the test runner that prints the counts of a whole run as JSON, for the total of all groups.
import type { TestEvent } from 'node:test/reporters';

export default async function* countingReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // With a file it is the summary of that file alone.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const { tests, suites, passed, failed, cancelled, skipped, todo } = event.data.counts as Record<string, number>;
    yield JSON.stringify({ tests, suites, pass: passed, fail: failed, cancelled, skipped, todo });
  }
}
