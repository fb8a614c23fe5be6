// Texts that our reader and Compose's own take for different things: what is judged would not be what runs.
import { type Hostile, malformed, service } from './compose-corpus.ts';

const OUTSIDE = Buffer.from('/etc/passwd').toString('base64');
const hiding = (end: string) => `services:\n  web:\n    image: x\n    # text${end}    env_file: /etc/passwd\n`;

export const UNLIKE: readonly Hostile[] = [
  malformed('a path as binary', service(`env_file: !!binary ${OUTSIDE}`), { line: 4, column: 15 }),
  malformed('a path as binary by its long name', service(`env_file: !<tag:yaml.org,2002:binary> ${OUTSIDE}`)),
  malformed(
    'a path as binary by a short name',
    `%TAG !e! tag:yaml.org,2002:\n---\n${service(`env_file: !e!binary ${OUTSIDE}`)}`,
  ),
  malformed('a key as binary', service(`!!binary ${Buffer.from('env_file').toString('base64')}: /etc/passwd`)),
  malformed('a list as a set', service('env_file: !!set {/etc/passwd}')),
  malformed('a list as an ordered mapping', service('env_file: !!omap [path: /etc/passwd]')),
  malformed('text by tag', service('env_file: !!str /etc/passwd')),
  malformed('nothing by tag', service('env_file: !!null /etc/passwd')),
  malformed('a merge by tag', 'x-a: &a {env_file: /etc/passwd}\nservices:\n  web:\n    ? !!merge <<\n    : *a\n'),
  malformed('a tag of nobody', service('env_file: !mine /etc/passwd')),
  malformed('a tag without name', service('env_file: ! /etc/passwd')),
  malformed("almost Compose's own tag", service('env_file: !reset! /etc/passwd')),
  malformed('a line separator in a comment', hiding('\u2028'), { line: 4 }),
  malformed('a paragraph separator in a comment', hiding('\u2029'), { line: 4 }),
  malformed('a next line in a comment', hiding('\u0085'), { line: 4 }),
  malformed('a carriage return alone in a comment', hiding('\r'), { line: 4 }),
  malformed('a form feed in a comment', hiding('\f')),
  malformed('a line separator in quotes', service('command: "a\u2028b"')),
  malformed('a byte order mark within', hiding('\ufeff')),
  malformed('a version of YAML', `%YAML 1.1\n---\n${service('privileged: yes')}`, { line: 1 }),
  malformed('a directive of nobody', `%MINE 1\n---\n${service('')}`, { line: 1 }),
  malformed('an empty second document', `${service('')}---\n`),
  malformed('a second document after an end', `${service('')}...\nservices: {web: {env_file: /etc/passwd}}\n`),
  malformed('a quoted merge', 'x-a: &a {env_file: /etc/passwd}\nservices:\n  web:\n    "<<": *a\n', { line: 4 }),
  malformed('two merges', 'x-a: &a {image: x}\nservices:\n  web:\n    <<: *a\n    <<: {env_file: /etc/passwd}\n', {
    line: 5,
  }),
  malformed('a merge of a list in a list', 'x-a: &a {env_file: /etc/passwd}\nservices:\n  web:\n    <<: [[*a]]\n'),
  malformed('a question mark before a key in braces', 'services: {web: {image: x, ?env_file: /etc/passwd}}\n', {
    line: 1,
  }),
  malformed('a colon at the end of a text in brackets', service('env_file: [/etc/passwd:]'), { line: 4 }),
  malformed('a colon after a text that ends in a quote', service('env_file: [/etc/a"b":]'), { line: 4 }),
  malformed('a colon before a comma', service('env_file: [/etc/passwd:, a]'), { line: 4 }),
  malformed('a merge of text', service('<<: text')),
];

export const ALIKE: readonly Omit<Hostile, 'code'>[] = [
  { name: 'narrow JSON', compose: '{"services":{"web":{"image":"x","command":["a"],"labels":{"b":"c"}}}}' },
  {
    name: 'modes as the documentation writes them',
    compose: service('secrets: [{source: a, mode: 0440}]\nrestart: no'),
  },
  {
    name: 'a merge of several',
    compose: 'x-a: &a {init: true}\nx-b: &b {tty: true}\nservices:\n  web: {<<: [*a, *b], image: x}\n',
  },
  { name: 'the sign of a merge as text', compose: service('command: ["<<", "!!binary", "%YAML"]') },
  { name: 'a beginning and an end', compose: `---\n${service('')}...\n` },
  { name: 'a path that is taken back', compose: service('env_file: !reset null\nlabel_file: !reset\nbuild: !reset ~') },
  { name: 'characters of everybody', compose: service('command: "ä € 😀"\n# 漢字') },
];
