import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { noteText, parseNote, startTime } from '#services/start/note.ts';

test('a note is read as it was written, and nothing else is taken for one', () => {
  const note = { pid: 4711, startedAt: '123456' };
  assert.deepEqual(parseNote(noteText(note)), note);
  for (const text of ['', '4711\n', '1 5\n', '0 5\n', '-4 5\n', '4711 5', '4711 5 6\n'])
    assert.equal(parseNote(text), null);
});

test('the start time is found whatever the name of the process holds', () => {
  const rest = `S ${Array.from({ length: 18 }, (_, index) => index + 4).join(' ')} 777 23 24`;
  assert.equal(startTime(`9 (node) ${rest}`), '777');
  assert.equal(startTime(`9 (a) b (c)) ${rest}`), '777');
  assert.equal(startTime(`9 (node) Z${rest.slice(1)}`), null);
  assert.match(startTime(readFileSync('/proc/self/stat', 'utf8')) ?? '', /^\d+$/);
});
