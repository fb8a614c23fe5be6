// A reporter for the test runner that prints, as JSON, what a whole run counted and in which files a test failed.
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

export default async function* countingReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failed = new Set<string>();
  for await (const event of events) {
    if (event.type === 'test:fail' && event.data.file !== undefined) failed.add(relative('', event.data.file));
    // With a file it is the summary of that file alone.
    if (event.type !== 'test:summary' || event.data.file !== undefined) continue;
    const {
      tests,
      suites,
      passed,
      failed: fail,
      cancelled,
      skipped,
      todo,
    } = event.data.counts as Record<string, number>;
    const counts = { tests, suites, pass: passed, fail, cancelled, skipped, todo };
    yield JSON.stringify({ counts, failedFiles: [...failed].sort() });
  }
}
