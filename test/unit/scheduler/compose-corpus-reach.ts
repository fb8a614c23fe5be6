// Texts that have Compose, as whoever it runs as, read or write what is not the stack's own, by all the ways that lead there.
import { type Hostile, outside, service } from './compose-corpus.ts';

const PARTS = 'services:\n  a:\n    extends: {file: base.yaml, service: b}\n';
const STEALING = 'services:\n  b:\n    image: x\n    env_file: /etc/passwd\n';

function refused(name: string, compose: string, place: string, more: Partial<Hostile> = {}): Hostile {
  return { name, compose, code: 'compose-refused', fields: { file: 'compose.yaml', place }, ...more };
}

function elsewhere(name: string, compose: string, files: Record<string, string>, file: string): Hostile {
  return { name, compose, files, code: 'path-outside', fields: { file } };
}

const built = (body: string) => service(`build:\n  context: .\n  ${body}`);

/** Which file Compose takes for the one that is named. */
const BASES: readonly Hostile[] = [
  elsewhere(
    'extends of an include with a folder of its own',
    'include: [{path: parts/more.yaml, project_directory: parts/sub}]\n',
    { 'parts/more.yaml': PARTS, 'parts/sub/base.yaml': STEALING },
    'parts/sub/base.yaml',
  ),
  elsewhere(
    'extends of the second file of an include',
    'include: [{path: [one/a.yaml, two/b.yaml]}]\n',
    { 'one/a.yaml': 'services: {c: {image: x}}', 'two/b.yaml': PARTS, 'one/base.yaml': STEALING },
    'one/base.yaml',
  ),
  elsewhere(
    'an include of an include with a folder of its own',
    'include: [{path: parts/more.yaml, project_directory: deep}]\n',
    { 'parts/more.yaml': 'include: [base.yaml]\n', 'deep/base.yaml': STEALING },
    'deep/base.yaml',
  ),
  elsewhere(
    'extends of a file that is extended',
    service('extends: {file: a/b.yaml, service: b}'),
    { 'a/b.yaml': 'services: {b: {extends: {file: c/base.yaml, service: b}}}', 'a/c/base.yaml': STEALING },
    'a/c/base.yaml',
  ),
  elsewhere(
    'a file that another version of Compose takes instead',
    'include: [{path: parts/more.yaml, project_directory: parts/sub}]\n',
    { 'parts/more.yaml': PARTS, 'parts/sub/base.yaml': 'services: {b: {image: x}}', 'parts/base.yaml': STEALING },
    'parts/base.yaml',
  ),
  {
    name: 'extends where only another version of Compose finds it',
    compose: 'include: [{path: parts/more.yaml, project_directory: parts/sub}]\n',
    files: { 'parts/more.yaml': PARTS, 'parts/base.yaml': 'services: {b: {image: x}}' },
    code: 'compose-refused',
    fields: { file: 'parts/more.yaml', place: 'services.a.extends.file', line: 3 },
  },
];

const TAKEN_BACK: readonly Hostile[] = [
  'path: [!reset one/a.yaml, two/b.yaml]',
  'path: two/b.yaml, project_directory: !reset one',
].map((include) => ({
  name: `an include that takes something back: ${include}`,
  compose: `include: [{${include}}]\n`,
  files: {
    'one/a.yaml': 'services: {a: {image: x}}',
    'two/b.yaml': 'services: {b: {image: x, env_file: [{path: data/x, required: false}]}}',
    'one/data/x': '',
  },
  code: 'compose-refused',
  fields: { file: 'compose.yaml' },
}));

/** A container that owns the folder could put a link there. */
const NOT_OURS: readonly Hostile[] = [
  refused(
    'an env_file that need not be there',
    service('env_file:\n  - {path: data/x, required: false}'),
    'services.web.env_file[0].path',
  ),
  refused('an env_file without values', service('env_file: .env'), 'services.web.env_file'),
  refused('a label_file', service('label_file: data/x'), 'services.web.label_file'),
  refused('an include', 'include: [data/x.yaml]\n', 'include[0]'),
  refused('an include of the values', 'include: [.env]\n', 'include[0]', { env: { A: 'b' } }),
  refused('the values of an include', 'include: [{path: a.yaml, env_file: data/x}]\n', 'include[0].env_file', {
    files: { 'a.yaml': 'services: {b: {image: x}}' },
  }),
  refused('extends', service('extends: {file: data/x, service: a}'), 'services.web.extends.file'),
  refused('a config', 'configs: {a: {file: data/x}}\n', 'configs.a.file'),
  refused('a secret', 'secrets: {a: {file: data/x}}\n', 'secrets.a.file'),
  refused('a profile of seccomp', service('security_opt: ["seccomp=data/x"]'), 'services.web.security_opt[0]'),
  refused('a key of ssh', built('ssh: [a=data/x]'), 'services.web.build.ssh[0]'),
];

const FURTHER: readonly Hostile[] = [
  outside('a profile of seccomp', service('security_opt: ["seccomp:/etc/passwd"]'), 'services.web.security_opt[0]'),
  outside('a profile of seccomp by variable', service(`security_opt: ["\${A}"]`), 'services.web.security_opt[0]'),
  outside('a key of ssh', built('ssh: [a=/root/.ssh/id_ed25519]'), 'services.web.build.ssh[0]'),
  outside('a key of ssh as mapping', built('ssh: {a: /root/.ssh/id_ed25519}'), 'services.web.build.ssh.a'),
  outside('a cache from a folder', built('cache_from: ["type=local,src=/root"]'), 'services.web.build.cache_from[0]'),
  outside('a cache to a folder', built('cache_to: ["dest=/etc/cron.d,type=local"]'), 'services.web.build.cache_to[0]'),
  outside('a cache in quotes', built(`cache_to: ['"type=local","dest=/etc"']`), 'services.web.build.cache_to[0]'),
  outside('a cache by variable', built(`cache_to: ["\${A}"]`), 'services.web.build.cache_to[0]'),
  outside(
    'a context by variable',
    built(`additional_contexts: ["\${A}"]`),
    'services.web.build.additional_contexts[0]',
  ),
  outside(
    'a folder of images',
    built('additional_contexts: [a=oci-layout:///etc]'),
    'services.web.build.additional_contexts[0]',
  ),
  outside(
    'a folder that is watched',
    service('develop: {watch: [{path: /etc, action: sync}]}'),
    'services.web.develop.watch[0].path',
  ),
];

const carried = (text: string, place: string, more: Partial<Hostile> = {}) =>
  refused(`a carrier: ${text}`, service(text), place, more);
const PLACE = 'services.web.privileged';

/** What is not the same on a core and on a node, or carries a secret. */
const VARIABLES: readonly Hostile[] = [
  refused('a variable of the tool', service(`privileged: "\${DOCKER_HOST:+true}\${DOCKER_CONFIG:+false}"`), PLACE),
  refused('a variable of the tool in a default', service(`privileged: "\${A:-\${HOME:+true}}"`), PLACE),
  refused('a variable of the tool without braces', service('privileged: $PATH'), PLACE),
  refused('a variable of the tool in an included file', 'include: [a.yaml]\n', PLACE, {
    files: { 'a.yaml': service('privileged: $HOME') },
    fields: { file: 'a.yaml', place: PLACE, line: 4 },
  }),
  refused('a variable of the tool in the values of an include', 'include: [a/b.yaml]\n', PLACE, {
    files: { 'a/b.yaml': service('privileged: $A'), 'a/.env': `A=\${DOCKER_HOST:+true}\n` },
    fields: { file: 'a/.env' },
  }),
  carried(`privileged: "\${OVERSEER_SECRET_0:-false}"`, PLACE),
  carried(`privileged: "\${OVERSEER\\x5fSECRET_0:-false}"`, PLACE),
  carried(`privileged: "\${OVERSEER_\\\n  SECRET_0:-false}"`, PLACE),
  carried('environment: [OVERSEER_SECRET_0]', 'services.web.environment[0]'),
  carried('environment: {OVERSEER_SECRET_0: }', 'services.web.environment.OVERSEER_SECRET_0'),
  refused('a carrier in a file', service('env_file: a.env'), '', {
    files: { 'a.env': 'OVERSEER_SECRET_0\n' },
    fields: { file: 'a.env' },
  }),
  refused('a carrier in the values', service(''), '', {
    env: { A: `\${OVERSEER_SECRET_0}` },
    fields: { place: 'env.A' },
  }),
  refused('a carrier by its characters in the values of an include', 'include: [a/b.yaml]\n', '', {
    files: { 'a/b.yaml': service('privileged: $A'), 'a/.env': `A="\${OVERSEER\\0137SECRET_0}"\n` },
    fields: { file: 'a/.env' },
  }),
];

const SECRETS: readonly Hostile[] = [
  refused('a secret from the environment', 'secrets: {a: {environment: A}}\n', 'secrets.a.environment'),
  refused(
    'a secret from the environment by a merge',
    'x-a: &a {environment: A}\nsecrets: {a: {<<: *a}}\n',
    'secrets.a.environment',
  ),
  refused('a secret from the environment in an included file', 'include: [a.yaml]\n', '', {
    files: { 'a.yaml': 'secrets:\n  a:\n    environment: A\n' },
    fields: { file: 'a.yaml', place: 'secrets.a.environment', line: 3 },
  }),
];

/** Programs of the node that Compose would run by itself. */
const PROGRAMS: readonly Hostile[] = [
  refused('a provider', 'services:\n  a:\n    provider: {type: x}\n', 'services.a.provider'),
  refused(
    'a provider by an anchor',
    'x-a: &a {provider: {type: x}}\nservices:\n  a: {<<: *a}\n',
    'services.a.provider',
  ),
  refused('a provider of an include', 'include: [more.yaml]\n', 'services.a.provider', {
    files: { 'more.yaml': 'services: {a: {provider: {type: x}}}' },
    fields: { file: 'more.yaml', place: 'services.a.provider' },
  }),
];

export const REACHING: readonly Hostile[] = [
  ...BASES,
  ...TAKEN_BACK,
  ...NOT_OURS,
  ...FURTHER,
  ...VARIABLES,
  ...SECRETS,
  ...PROGRAMS,
];

export const WITHIN: readonly Omit<Hostile, 'code'>[] = [
  { name: 'the values as env_file', compose: service('env_file: .env'), env: { A: 'b' } },
  { name: 'folders that are not there yet', compose: service('volumes: ["./data:/data"]\nbuild: ./app') },
  {
    name: 'an include with a folder and values of its own',
    compose: 'include: [{path: parts/more.yaml, project_directory: parts/sub, env_file: parts/a.env}]\n',
    files: {
      'parts/more.yaml': PARTS,
      'parts/sub/base.yaml': service('env_file: b.env'),
      'parts/sub/b.env': '',
      'parts/a.env': '',
    },
  },
  {
    name: 'a configuration that is no Compose file',
    compose: service(''),
    files: { 'configuration.yaml': 'a: !include b.yaml\nsecrets: {a: {file: /x}}\n' },
  },
  {
    name: 'a config from a value',
    compose: 'configs: {a: {environment: A}, b: {content: "x"}}\nservices: {web: {image: x}}\n',
  },
  { name: 'a plain dollar sign', compose: service('command: ["sh", "-c", "echo $$HOME $${PATH}"]') },
  { name: 'a name that only begins like a variable of the tool', compose: service(`hostname: "\${DOCKER_HOST_TAG}"`) },
  { name: 'seccomp as it is', compose: service('security_opt: ["seccomp=unconfined", "no-new-privileges:true"]') },
  {
    name: 'a cache in a registry',
    compose: service('build: {context: ., cache_to: ["type=registry,ref=a/b"], ssh: [default]}'),
  },
];
