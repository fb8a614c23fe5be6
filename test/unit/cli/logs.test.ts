// overseer logs: what it shows and in which order, what it asks, and that nothing is lost or told twice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { endAllEventStreams } from '#services/gateway/live/sse.ts';
import { OverseerError } from '#subjects/errors.ts';
import { TOKEN } from '#test/unit/gateway/gateway.ts';
import { cliFixture, NAS } from './fixture.ts';
import { gapOf, type LogBook, lineOf, logBook } from './log-book.ts';

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => lineOf(from + at + 1, `line ${from + at}`));
const rows = (from: number, to: number) => numbered(from, to).map((_, at) => `nas web/app | line ${from + at}`);

describe('overseer logs', () => {
  const cli = cliFixture();
  let book: LogBook;
  beforeEach(() => {
    book = logBook(cli.gateway);
  });
  const asked = () => cli.gateway.bus.asked.filter(({ name }) => name === 'readLogs').map(({ input }) => input);

  test('lines in order of time, each with its source; what is missing stands in its place', async () => {
    book.items.push(
      lineOf(1, 'up'),
      gapOf(2, 1204),
      gapOf(3, null, { reason: 'rotated', from: null }),
      lineOf(4, '\tat x', { service: 'db', containerName: 'web-db-2', stream: 'stderr', node: 'z'.repeat(26) }),
      lineOf(5, 'half', { partial: true }),
    );
    const { out, err, code } = await cli.run('logs web');
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(out.split('\n'), [
      'nas web/app | up',
      '--- 1,204 lines are missing on nas web/app: more than the rate of the stack (rate-limited), between ' +
        '2026-11-23T20:00:02.000000001Z and 2026-11-23T20:00:03.000000001Z ---',
      '--- an unknown number of lines are missing on nas web/app: the engine removed them before they were read (rotated) ---',
      'zzzzzzzz web/db#2 | \tat x',
      'nas web/app | half…',
      '',
    ]);
    assert.equal(
      (await cli.run('logs -n 2 -t --no-prefix')).out.split('\n')[1],
      '2026-11-23T20:00:05.000000001Z half…',
    );
    assert.equal(JSON.parse((await cli.run('logs -n 1 -o json')).out).items[0].text, 'half');
    assert.equal(JSON.parse((await cli.run('logs -n 4 -o ndjson')).out.split('\n')[0] ?? '').rows, 1204);
  });

  test('what a program writes can not move the cursor, unless that is asked for', async () => {
    const evil = '\u001b]52;c;ZXZpbA==\u0007\u001b[2J\u001b[31mred\u001b[0m\u0000\u202e';
    book.items.push(lineOf(1, evil));
    assert.equal((await cli.run('logs')).out, 'nas web/app | red\\u0000\\u202e\n');
    assert.equal((await cli.run('logs --raw --no-prefix')).out, `${evil}\n`);
  });

  test('what is asked is what was said', async () => {
    await cli.run('logs web --node nas --service app --container web-app-1 --grep Err --regex ^E --stderr -n 5');
    assert.deepEqual(asked().at(-1), {
      filter: {
        ...{ stack: 'web', node: NAS, service: 'app', container: 'web-app-1' },
        ...{ text: 'Err', regex: '^E', stream: 'stderr' },
      },
      order: 'backward',
      limit: 5,
    });
    const since = '2026-11-23T20:00:00.123456789Z';
    await cli.run(`logs --since ${since} --until 1m`);
    assert.equal(asked().at(-1).filter.since, since);
    assert.equal(asked().at(-1).order, 'forward');
    const ago = Date.now() - Date.parse(asked().at(-1).filter.until);
    assert.ok(ago >= 60_000 && ago < 90_000, String(ago));
    // A node that was removed left its lines.
    await cli.run(`logs --node ${'q'.repeat(26)}`);
    assert.equal(asked().at(-1).filter.node, 'q'.repeat(26));
  });

  test('what makes no sense is refused before anything is asked', async () => {
    for (const [line, code] of [
      ['--since soon', 2],
      ['--since 5', 2],
      ['--since 2026-13-01', 2],
      ['--since 1h --until 2h', 2],
      ['-f --until 1m', 2],
      ['-f -n 1001', 2],
      ['-n 0', 2],
      ['--stderr --stdout', 2],
      ['--format text', 2],
      ['--download x -f', 2],
      ['--download absent/x', 2],
      ['--coverage --grep x', 2],
      ['--node nax', 3],
    ] as const) {
      assert.equal((await cli.run(`logs ${line}`)).code, code, line);
    }
    assert.deepEqual(asked(), []);
    assert.match((await cli.run('logs')).err, /^No lines match\.\n$/);
  });

  test('as many pages as it takes; a search that is cut goes on', async () => {
    book.items.push(...numbered(0, 2500));
    assert.deepEqual((await cli.run('logs -n 2300')).out.trim().split('\n'), rows(200, 2500));
    assert.deepEqual(
      asked().map(({ limit, cursor }) => [limit, cursor]),
      [
        [1000, undefined],
        [1000, '1000'],
        [300, '2000'],
      ],
    );
    book.pageMost = 700;
    assert.deepEqual((await cli.run('logs -n all')).out.trim().split('\n'), rows(0, 2500));
  });

  test('followed through cut connections, each line once, until Ctrl-C, which is no failure', async () => {
    book.items.push(...numbered(0, 300));
    const told = cli.run('logs -f', { stopAfter: 130 });
    const adding = setInterval(() => {
      const at = book.items.length;
      if (at >= 330) return clearInterval(adding);
      book.items.push(...numbered(at, at + 5));
      endAllEventStreams();
    }, 300);
    const { out, code } = await told;
    clearInterval(adding);
    assert.equal(code, 0);
    assert.deepEqual(out.trim().split('\n').slice(0, 130), rows(200, 330));
  });

  test('all since a time and then on: what arrives meanwhile is told once', async () => {
    book.items.push(...numbered(0, 1500));
    book.onPage = () => {
      const at = book.items.length;
      if (at < 2500) book.items.push(...numbered(at, at + 500));
    };
    const { out, code } = await cli.run('logs -f --since 2020-01-01 -o ndjson', { stopAfter: 2500 });
    assert.equal(code, 0);
    const texts = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text).text);
    assert.deepEqual(
      texts.slice(0, 2500),
      numbered(0, 2500).map((item) => 'text' in item && item.text),
    );
  });

  test('a download that broke off goes on where it was', async () => {
    book.items.push(...numbered(0, 2500));
    let pages = 0;
    book.onPage = () => {
      pages += 1;
      // Once as a core that starts again, and once for good.
      if (pages === 2) throw new OverseerError('unavailable', 'starting');
      if (pages === 4) throw new OverseerError('forbidden', 'no more');
    };
    const file = join(cli.folder, 'web.log');
    const broken = await cli.run('logs web --since 30d --download web.log');
    assert.equal(broken.code, 4, broken.err);
    assert.equal(existsSync(file), false);
    const again = await cli.run('logs web --since 30d --download web.log');
    assert.equal(again.code, 0, again.err);
    assert.match(again.err, /Going on after 2000 lines\.\n/);
    assert.match(again.err, /web\.log: 2500 lines\n$/);
    const text = readFileSync(file, 'utf8').trim().split('\n');
    assert.deepEqual(
      text.map((row) => row.slice('2026-11-23T20:00:02.000000001Z '.length)),
      rows(0, 2500),
    );
    assert.equal(asked().at(-1).filter.since, asked()[0].filter.since);
    assert.deepEqual([existsSync(`${file}.part`), existsSync(`${file}.part.json`)], [false, false]);
    await cli.run('logs web --download web.ndjson');
    assert.equal(readFileSync(join(cli.folder, 'web.ndjson'), 'utf8').trim().split('\n').length, 2500);
  });

  test('a reader that goes away is no failure', async () => {
    book.items.push(...numbered(0, 20_000));
    const child = spawn(process.execPath, ['clients/cli/main.ts', 'logs', '-n', 'all'], {
      env: { PATH: process.env['PATH'] ?? '', OVERSEER_URL: cli.gateway.url, OVERSEER_TOKEN: TOKEN },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([code, err], [0, '']);
  });

  test('what is held of each file', async () => {
    const file = { node: NAS, stack: 'web', service: 'app', container: 'c'.repeat(64), containerName: 'web-app-1' };
    const gap = { from: 10, to: 15, reason: 'rate-limited', since: null, until: null };
    cli.gateway.bus.answers.logCoverage = () => ({
      items: [
        {
          ...{
            ...file,
            file: 'ab'.repeat(16),
            held: [
              { from: 5, to: 10 },
              { from: 15, to: 16 },
            ],
          },
          ...{ gaps: [gap, { ...gap, reason: 'rotated', to: null }], unknown: [{ from: 0, to: 5 }] },
          ...{ firstAt: '2026-11-23T20:00:00Z', lastAt: null, lines: 6, bytes: 600 },
        },
      ],
      nextCursor: null,
    });
    const { out } = await cli.run('logs web --node nas --coverage -o wide');
    assert.match(out, /^NODE +SOURCE +FILE +LINES/);
    assert.match(
      out,
      /\nnas +web\/app +abababab +6 .* 5-9,15 +5 rate-limited, an unknown number of lines rotated +0-4 +/,
    );
    assert.deepEqual(cli.gateway.bus.asked.at(-1)?.input, { limit: 1000, stack: 'web', node: NAS });
  });
});
