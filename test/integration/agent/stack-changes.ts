// Changes of a stack, each from one version to the next, and why its services are touched.
import type { DesiredStack } from '#subjects/schema/desired.ts';
import { TEST_IMAGE } from '#test/harness/image.ts';

export const OTHER_IMAGE = 'overseer-test/other:1';
const service = (name: string, more = '') => `  ${name}:
    image: ${TEST_IMAGE}
    init: true
    command: ["sleep", "100000"]
${more.replace(/^/gm, '    ').trimEnd()}
`;
export const compose = (services: Record<string, string>, rest = '') =>
  `services:\n${Object.entries(services)
    .map(([name, more]) => service(name, more))
    .join('')}${rest}`;

export const BASE = { web: 'environment: {A: "1"}', db: 'labels: {tier: "data"}' };
const NET = '\nnetworks:\n  default: {}\n';

export interface Case {
  readonly name: string;
  readonly from: Partial<DesiredStack> & { compose: string };
  readonly to: Partial<DesiredStack> & { compose?: string };
  /** By service. */
  readonly reasons?: Record<string, string>;
  /** Services whose containers are removed by hand, or killed, in between. */
  readonly hurt?: { readonly removed: string; readonly killed: string };
}

export const cases: Case[] = [
  { name: 'nothing', from: { compose: compose(BASE) }, to: {}, reasons: { web: '', db: '' } },
  {
    name: 'an image',
    from: { compose: compose(BASE) },
    to: { compose: compose(BASE).replace(TEST_IMAGE, OTHER_IMAGE) },
    reasons: { web: 'image', db: '' },
  },
  {
    name: 'a variable',
    from: { compose: compose(BASE) },
    to: { compose: compose({ ...BASE, web: 'environment: {A: "2 $$x"}' }) },
    reasons: { web: 'config', db: '' },
  },
  {
    name: 'a value that a text takes in',
    from: { compose: compose({ web: `environment: {A: "\${V}"}`, db: '' }), env: { V: 'a$b "c"' } },
    to: { env: { V: 'a$b "d"' } },
    reasons: { web: 'config', db: '' },
  },
  {
    name: 'a command',
    from: { compose: compose(BASE) },
    to: { compose: compose(BASE).replace('"100000"', '"100001"') },
    reasons: { web: 'config', db: '' },
  },
  {
    name: 'a service more, one less',
    from: { compose: compose(BASE) },
    to: { compose: compose({ web: BASE.web, cache: '' }) },
    reasons: { web: '', db: 'orphan', cache: 'new' },
  },
  { name: 'scale up', from: { compose: compose(BASE) }, to: { scale: { web: 3 } } },
  { name: 'scale down', from: { compose: compose(BASE), scale: { web: 3 } }, to: { scale: { web: 1 } } },
  {
    name: 'scale down and another command',
    from: { compose: compose(BASE), scale: { web: 3 } },
    to: { compose: compose(BASE).replace('"100000"', '"7"'), scale: { web: 2 } },
  },
  { name: 'scale to none', from: { compose: compose(BASE) }, to: { scale: { web: 0 } } },
  {
    name: 'a volume',
    from: { compose: compose(BASE) },
    to: { compose: compose({ ...BASE, db: 'volumes: ["data:/d", "./x:/x"]' }, '\nvolumes: {data: {}}\n') },
    reasons: { web: '', db: 'config' },
  },
  {
    name: 'a label',
    from: { compose: compose(BASE) },
    to: { compose: compose({ ...BASE, db: 'labels: {tier: "other"}' }) },
  },
  {
    name: 'what others live in and hang on',
    from: {
      compose: compose({
        web: 'environment: {A: "1"}',
        side: 'network_mode: "service:web"',
        tail: 'volumes_from: [web]',
        after: 'depends_on: {web: {condition: service_started, restart: true}}',
        alone: 'depends_on: [web]',
      }),
    },
    to: {
      compose: compose({
        web: 'environment: {A: "2"}',
        side: 'network_mode: "service:web"',
        tail: 'volumes_from: [web]',
        after: 'depends_on: {web: {condition: service_started, restart: true}}',
        alone: 'depends_on: [web]',
      }),
    },
    reasons: { web: 'config', side: 'dependency', tail: 'dependency', after: 'dependency', alone: '' },
  },
  {
    name: 'nothing, with services that live in others',
    from: { compose: compose({ web: '', side: 'network_mode: "service:web"', tail: 'volumes_from: [web]' }) },
    to: { healthTimeoutSeconds: 31 },
    reasons: { web: '', side: '', tail: '' },
  },
  {
    name: 'a network with other settings',
    from: { compose: compose(BASE, NET) },
    to: { compose: compose(BASE, NET.replace('{}', '{labels: {a: "1"}}')) },
    reasons: { web: 'config', db: 'config' },
  },
  { name: 'stopped', from: { compose: compose(BASE) }, to: { state: 'stopped' } },
  { name: 'started again', from: { compose: compose(BASE), state: 'stopped' }, to: { state: 'running' } },
  {
    name: 'the content of a file that is mounted',
    from: { compose: compose({ ...BASE, web: 'volumes: ["./conf:/conf:ro"]' }), files: { 'conf/a': 'one' } },
    to: { files: { 'conf/a': 'two' } },
    reasons: { web: 'config', db: '' },
  },
  {
    name: 'the content of an env_file',
    from: { compose: compose({ ...BASE, web: 'env_file: [web.env]' }), files: { 'web.env': 'A=$B\n', b: 'x' } },
    to: { files: { 'web.env': 'A=two\n', b: 'x' } },
    reasons: { web: 'config', db: '' },
  },
  {
    name: 'a profile on',
    from: { compose: compose({ ...BASE, debug: 'profiles: [debug]' }) },
    to: { profiles: ['debug'] },
    reasons: { web: '', db: '', debug: 'new' },
  },
  {
    name: 'a profile off',
    from: { compose: compose({ ...BASE, debug: 'profiles: [debug]' }), profiles: ['debug'] },
    to: { profiles: [] },
  },
  {
    name: 'extends, include and configs that stay',
    from: {
      compose: `include: [more/compose.yaml]\n${compose(
        { web: 'configs: [c, d]\nenv_file: [a.env]', other: 'extends: {file: base.yaml, service: base}' },
        '\nconfigs: {c: {file: ./c.txt}, d: {content: "x $$y"}}\n',
      )}`,
      files: {
        'more/compose.yaml': compose({ inc: 'volumes: ["./here:/here"]\nenv_file: [i.env]' }),
        'more/i.env': 'I=1\n',
        'a.env': 'Q="x y"\n',
        'c.txt': 'c',
        'base.yaml': compose({ base: 'env_file: [a.env]\nvolumes: ["./b:/b"]' }),
      },
    },
    to: { stabilitySeconds: 2 },
    reasons: { web: '', other: '', inc: '' },
  },
  {
    name: 'a container that was removed by hand and one that ended',
    from: { compose: compose(BASE) },
    to: { compose: compose({ ...BASE, third: '' }) },
    hurt: { removed: 'web', killed: 'db' },
  },
];
