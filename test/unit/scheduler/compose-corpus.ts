// Compose texts that must be refused before anything is stored, each with its code and, where it matters, its place.
import type { ErrorCode } from '#subjects/errors.ts';

export interface Hostile {
  readonly name: string;
  readonly compose: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly code: ErrorCode;
  /** What the fields of the error must hold. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export function service(body: string): string {
  return `services:\n  web:\n    image: x\n${body.replace(/^/gm, '    ')}\n`;
}

export function malformed(name: string, compose: string, fields: Record<string, unknown> = {}): Hostile {
  return { name, compose, code: 'compose-malformed', fields: { file: 'compose.yaml', ...fields } };
}

export function outside(name: string, compose: string, place: string, fields: Record<string, unknown> = {}): Hostile {
  return { name, compose, code: 'path-outside', fields: { file: 'compose.yaml', place, ...fields } };
}

const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefgh'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`),
].join('\n');

export const MALFORMED: readonly Hostile[] = [
  malformed('text that is no mapping', 'hello', { line: 1 }),
  malformed('a list', '- a\n- b\n'),
  malformed('nothing but a comment', '# nothing\n'),
  malformed('a mapping that goes on nowhere', 'services:\n  web: [a\n', { line: 3 }),
  malformed('a tab as indentation', 'services:\n\tweb: {}\n', { line: 2, column: 1 }),
  malformed('a key twice', 'services:\n  web: {image: a}\n  web: {image: b}\n', { line: 3, column: 3 }),
  malformed('a key twice, deep', service('environment:\n  A: 1\n  A: 2'), { line: 6 }),
  malformed('a quote that does not end', 'services:\n  web:\n    image: "x\n'),
  malformed('two documents', 'services: {}\n---\nservices: {}\n', { line: 2 }),
  malformed('an alias without anchor', 'services:\n  web: *nowhere\n'),
  malformed('an alias to what holds it', 'services: &s\n  web: *s\n'),
  malformed('a mapping as key', 'services:\n  ? {a: b}\n  : c\n'),
  malformed('an alias as key', 'x: &x web\nservices:\n  *x : {}\n'),
  malformed('a billion laughs', BOMB),
  malformed('too many aliases', `a: &a x\nb: [${Array(101).fill('*a').join(', ')}]\n`),
  malformed('too many anchors', Array.from({ length: 1100 }, (_, i) => `k${i}: &a${i} x`).join('\n')),
  malformed('a row of tags', '!a '.repeat(100_000)),
  malformed('a row of anchors', '&a '.repeat(100_000)),
  malformed('nested brackets', `a: ${'['.repeat(65)}${']'.repeat(65)}`),
  malformed('half a million brackets', '['.repeat(500_000)),
  malformed('half a million dashes', '- '.repeat(500_000)),
  malformed('half a million question marks', '? '.repeat(500_000)),
  malformed('nested by indentation', Array.from({ length: 80 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')),
  malformed('a million commas', `a: [${'x,'.repeat(500_000)}]`),
  malformed('more than a mebibyte', `# ${'x'.repeat(1024 * 1024)}`),
  malformed('something other than YAML', '\u0000\u0001\u0002: {{{'),
];

export const OUTSIDE: readonly Hostile[] = [
  outside('an absolute env_file', service('env_file: /etc/shadow'), 'services.web.env_file', { line: 4, column: 15 }),
  outside('an env_file one up', service('env_file: ../other/.env'), 'services.web.env_file'),
  outside('a way up in the middle', service('env_file: a/../../b'), 'services.web.env_file'),
  outside('the second env_file', service('env_file: [a.env, /etc/passwd]'), 'services.web.env_file[1]'),
  outside('an env_file as object', service('env_file:\n  - path: /etc/passwd'), 'services.web.env_file[0].path'),
  outside('an env_file by variable', service(`env_file: '\${WHERE}'`), 'services.web.env_file'),
  outside('an env_file in a home folder', service('env_file: ~/.ssh/id_ed25519'), 'services.web.env_file'),
  outside('an env_file with a backslash', service("env_file: '..\\\\x'"), 'services.web.env_file'),
  outside(
    'an env_file through a merge',
    'x-a: &a {env_file: /etc/passwd}\nservices:\n  web:\n    <<: *a\n',
    'services.web.env_file',
  ),
  outside(
    'an env_file through an alias',
    'x-a: &a /etc/passwd\nservices:\n  web:\n    env_file: *a\n',
    'services.web.env_file',
  ),
  outside('a label_file', service('label_file: /etc/passwd'), 'services.web.label_file'),
  outside('an include', 'include: [/etc/compose.yaml]\n', 'include[0]'),
  outside('an include from the web', 'include:\n  - https://example.com/x.yaml\n', 'include[0]'),
  outside('an include from a registry', 'include:\n  - oci://example.com/x\n', 'include[0]'),
  outside('an include by object', 'include:\n  - path: [a.yaml, ../b.yaml]\n', 'include[0].path[1]'),
  outside(
    'the folder of an include',
    'include:\n  - path: a.yaml\n    project_directory: /\n',
    'include[0].project_directory',
  ),
  outside(
    'the env_file of an include',
    'include:\n  - path: a.yaml\n    env_file: /etc/environment\n',
    'include[0].env_file',
  ),
  outside('extends', service('extends:\n  file: ../web.yaml\n  service: web'), 'services.web.extends.file'),
  outside('a config', 'configs:\n  a:\n    file: /etc/hosts\n', 'configs.a.file'),
  outside('a secret', 'secrets:\n  a:\n    file: /root/.ssh/id_ed25519\n', 'secrets.a.file'),
  outside('a build', service('build: /'), 'services.web.build'),
  outside('a build context', service('build:\n  context: ..'), 'services.web.build.context'),
  outside('a build from the web', service('build: https://example.com/x.git'), 'services.web.build'),
  outside('a build from a repository', service('build: github.com/a/b'), 'services.web.build'),
  outside('a build by ssh', service('build: git@example.com:a/b'), 'services.web.build'),
  outside('a Dockerfile', service('build:\n  context: .\n  dockerfile: /etc/passwd'), 'services.web.build.dockerfile'),
  outside(
    'a further context',
    service('build:\n  context: .\n  additional_contexts:\n    a: /'),
    'services.web.build.additional_contexts.a',
  ),
  outside(
    'a further context in a list',
    service('build:\n  context: .\n  additional_contexts: [a=/etc]'),
    'services.web.build.additional_contexts[0]',
  ),
  outside('credentials', service('credential_spec:\n  file: ../x.json'), 'services.web.credential_spec.file'),
  {
    name: 'a secret of an included file',
    compose: 'include: [./parts/more.yaml]\n',
    files: { 'parts/more.yaml': 'secrets:\n  a:\n    file: /etc/shadow\n' },
    code: 'path-outside',
    fields: { file: 'parts/more.yaml', place: 'secrets.a.file', line: 3 },
  },
  {
    name: 'a file that is extended by a file that is included',
    compose: 'include: [parts/more.yaml]\n',
    files: {
      'parts/more.yaml': 'services:\n  a:\n    extends: {file: deep/base.yaml, service: b}\n',
      'parts/deep/base.yaml': 'services:\n  b:\n    env_file: /etc/passwd\n',
    },
    code: 'path-outside',
    fields: { file: 'parts/deep/base.yaml', place: 'services.b.env_file' },
  },
  {
    name: 'an included file that is no YAML',
    compose: 'include: [more.yaml]\n',
    files: { 'more.yaml': 'a: [\n' },
    code: 'compose-malformed',
    fields: { file: 'more.yaml' },
  },
];

export const FINE: readonly Omit<Hostile, 'code'>[] = [
  { name: 'the smallest', compose: 'services:\n  web:\n    image: x\n' },
  { name: 'JSON', compose: '{"services": {"web": {"image": "x"}}}' },
  { name: 'Windows line ends', compose: 'services:\r\n  web:\r\n    image: x\r\n' },
  { name: 'a byte order mark', compose: '\ufeffservices:\n  web:\n    image: x\n' },
  {
    name: 'own files',
    compose: service('env_file: [./a.env, b/c.env]\nbuild: {context: ., dockerfile: b/Dockerfile}'),
    files: { 'a.env': '', 'b/c.env': '' },
  },
  { name: 'mounts of the host', compose: service('volumes: ["/var/run/docker.sock:/var/run/docker.sock"]') },
  { name: 'variables elsewhere', compose: service(`command: "\${WHAT:-ls} /"`) },
  { name: "Compose's own tags", compose: service('ports: !reset []\nexpose: !override ["80"]') },
  { name: 'anchors and merges', compose: 'x-a: &a {restart: always}\nservices:\n  web: {<<: *a, image: x}\n' },
  {
    name: 'contexts from elsewhere',
    compose: service('build:\n  context: .\n  additional_contexts: [a=docker-image://x, b=service:y]'),
  },
  {
    name: 'files that include each other',
    compose: 'include: [a.yaml]\n',
    files: { 'a.yaml': 'include: [b.yaml]', 'b.yaml': 'include: [a.yaml]' },
  },
  {
    name: 'three thousand services',
    compose: `services:\n${Array.from({ length: 3000 }, (_, i) => `  s${i}: {image: x}`).join('\n')}\n`,
  },
];
