// What Compose would do, by its own rules, in a one-line notation: services `web:a` (settings a), `x3` a scale, `>db` lives
// in db's container, `+db` restarted with it; containers `web.1:a` with their state behind `@` when they do not run.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type ComparedContainer,
  type ComparedService,
  compare,
  compareStop,
  madeAnew,
} from '#agent/stacks/compared.ts';
import { changedSettings, hashable, networkTexts, readStackModel, servicesOf } from '#agent/stacks/compose-facts.ts';
import type { PlannedChange } from '#subjects/schema/plan.ts';

function service(text: string): ComparedService {
  const [, name = '', hash = '', scale, home, leader] =
    /^([a-z]+):([a-z]+)(?:x(\d))?(?:>([a-z]+))?(?:\+([a-z]+))?$/.exec(text) ?? [];
  return {
    ...{ name, hash, image: 'i', imageId: 'I', pullPolicy: null, secrets: null, hashAsBefore: hash },
    ...{ settings: [], networks: ['n'], volumes: [], scale: scale === undefined ? 1 : Number(scale) },
    livesIn: home === undefined ? [] : [home],
    restartsWith: leader === undefined ? [] : [leader],
  };
}

function container(text: string): ComparedContainer {
  const [, name = '', number = '', hash = '', state = 'running'] =
    /^([a-z]+)\.(\d):([a-z]+)(?:@([a-z]+))?$/.exec(text) ?? [];
  return {
    ...{ id: text, name: `p-${name}-${number}`, service: name, number: Number(number), state, configHash: hash },
    ...{ imageId: 'I', image: 'i', secrets: null, binds: {}, networks: { n: 'N' }, volumes: [] },
  };
}

const NOTHING = {
  disabled: new Set<string>(),
  takesDisabled: false,
  networkIds: new Map([['n', 'N']]),
  networksAnew: new Set<string>(),
};
const words = (text: string) => text.split(' ').filter((word) => word !== '');

function line(changes: readonly PlannedChange[]): string {
  return changes
    .map(({ service: name, container: full, change, reasons }) => {
      const kinds = reasons.length === 0 ? '' : `(${reasons.map(({ kind }) => kind).join()})`;
      return `${change} ${full?.slice(2) ?? name}${kinds}`;
    })
    .join(' | ');
}

function plan(services: string, containers: string, more: Partial<typeof NOTHING> = {}): string {
  return line(
    compare({ services: words(services).map(service), ...NOTHING, ...more }, words(containers).map(container)),
  );
}

const table: [what: string, services: string, containers: string, expected: string][] = [
  ['nothing there', 'web:a', '', 'create web(new)'],
  ['all there', 'web:a db:b', 'web.1:a db.1:b', 'keep web-1 | keep db-1'],
  ['other settings', 'web:b', 'web.1:a', 'recreate web-1(config)'],
  ['it was stopped', 'web:a', 'web.1:a@exited', 'start web-1(state)'],
  ['it was never started', 'web:a', 'web.1:a@created', 'start web-1(state)'],
  ['it is on its way back', 'web:a', 'web.1:a@restarting', 'keep web-1'],
  ['one more', 'web:ax2', 'web.1:a', 'keep web-1 | create web(scale)'],
  ['one less', 'web:a', 'web.1:a web.2:a', 'keep web-1 | remove web-2(scale)'],
  ['one less, the older is obsolete', 'web:b', 'web.2:b web.1:a', 'keep web-2 | remove web-1(scale)'],
  ['none at all', 'web:ax0', 'web.1:a', 'remove web-1(scale)'],
  ['not of the stack', 'web:a', 'web.1:a old.1:c', 'keep web-1 | remove old-1(orphan)'],
  [
    'it lives in one that is made anew',
    'web:b side:c>web',
    'web.1:a side.1:c',
    'recreate web-1(config) | recreate side-1(dependency)',
  ],
  ['it lives in one that is new', 'web:b side:c>web', 'side.1:c', 'create web(new) | recreate side-1(dependency)'],
  [
    'and so on',
    'web:b side:c>web top:d>side',
    'web.1:a side.1:c top.1:d',
    'recreate web-1(config) | recreate side-1(dependency) | recreate top-1(dependency)',
  ],
  [
    'it hangs on one that is made anew',
    'web:b tail:c+web',
    'web.1:a tail.1:c',
    'recreate web-1(config) | start tail-1(dependency)',
  ],
  ['it hangs on one that is new', 'web:b tail:c+web', 'tail.1:c', 'create web(new) | keep tail-1'],
  ['it hangs on one that is kept', 'web:a tail:c+web', 'web.1:a tail.1:c', 'keep web-1 | keep tail-1'],
];

describe('what Compose would do with each container', () => {
  for (const [what, services, containers, expected] of table) {
    test(what, () => assert.equal(plan(services, containers), expected));
  }

  test('a network that is made anew restarts what is in it; one that it lost makes it anew', () => {
    assert.equal(plan('web:a', 'web.1:a', { networksAnew: new Set(['n']) }), 'start web-1(config)');
    assert.equal(plan('web:a', 'web.1:a', { networkIds: new Map([['n', 'M']]) }), 'recreate web-1(config)');
    assert.equal(plan('web:a', 'web.1:a@exited', { networkIds: new Map([['n', 'M']]) }), 'start web-1(state)');
  });

  test('a service whose profile is off is left, unless it was switched off since', () => {
    const disabled = new Set(['debug']);
    assert.equal(plan('web:a', 'web.1:a debug.1:c', { disabled }), 'keep web-1 | keep debug-1');
    const off = plan('web:a', 'web.1:a debug.1:c', { disabled, takesDisabled: true });
    assert.equal(off, 'keep web-1 | remove debug-1(orphan)');
  });

  const one = (more: Partial<ComparedService>, was: Partial<ComparedContainer> = {}) => {
    const given = { ...service('web:b'), ...more };
    return compare({ ...NOTHING, services: [given] }, [{ ...container('web.1:a'), ...was }])[0];
  };

  test('an image, a secret and settings are told apart', () => {
    assert.equal(line([one({ image: 'j', hashAsBefore: 'a' })].flatMap((c) => c ?? [])), 'recreate web-1(image)');
    assert.equal(
      line([one({ image: 'j', hashAsBefore: 'c' })].flatMap((c) => c ?? [])),
      'recreate web-1(image,config)',
    );
    assert.equal(line([one({ secrets: 's@2', hashAsBefore: 'a' })].flatMap((c) => c ?? [])), 'recreate web-1(secret)');
    assert.equal(
      one({ settings: ['command', 'environment (A)'] })?.reasons[0]?.detail,
      'command, environment (A) changed',
    );
    const moved = one({ hash: 'a', imageId: 'J' });
    assert.match(moved?.reasons[0]?.detail ?? '', /names another image/);
    const missing = one({ hash: 'a', imageId: null });
    assert.match(missing?.reasons[0]?.detail ?? '', /not here and will be pulled/);
    const asks = one({ hash: 'a', pullPolicy: 'always' });
    assert.equal(asks?.change, 'keep');
    assert.match(asks?.reasons[0]?.detail ?? '', /pull policy always/);
    assert.equal(one({ hash: 'a', volumes: ['v'] })?.change, 'recreate');
  });

  test('a stop stops what runs', () => {
    assert.equal(line(compareStop(words('web.1:a web.2:a@exited').map(container))), 'stop web-1(state) | keep web-2');
  });

  test('what is made anew after all is said so once', () => {
    const changes = compare({ ...NOTHING, services: [service('web:a'), service('db:c')] }, [container('web.1:a')]);
    const reason = { kind: 'drift', detail: 'd' } as const;
    assert.equal(line(madeAnew(changes, new Set(['web', 'db']), reason)), 'recreate web-1(drift) | create db(new)');
  });

  const names = ['web', 'db', 'side'];
  const services = fc.tuple(
    ...names.map((name) => fc.tuple(fc.constantFrom('a', 'b'), fc.nat(3)).map(([h, n]) => `${name}:${h}x${n}`)),
  );
  const containers = fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom(...names, 'old'),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('a', 'b'),
        fc.constantFrom('', '@exited'),
      ),
      { selector: ([name, number]) => `${name}${number}`, maxLength: 10 },
    )
    .map((all) => all.map(([name, number, hash, state]) => `${name}.${number}:${hash}${state}`));

  test('every container has one fate, and each service ends with as many as it should have', () => {
    fc.assert(
      fc.property(services, containers, (wanted, there) => {
        const parsed = wanted.map(service);
        const changes = compare({ ...NOTHING, services: parsed }, there.map(container));
        const told = changes.flatMap(({ container: name }) => (name === null ? [] : [name]));
        assert.deepEqual(told.toSorted(), there.map((text) => container(text).name).toSorted());
        for (const { name, scale } of parsed) {
          const left = changes.filter((one) => one.service === name && one.change !== 'remove');
          assert.equal(left.length, scale);
        }
        assert.ok(changes.every(({ change, reasons }) => change === 'keep' || reasons.length > 0));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('what is read of the model', () => {
  const model = readStackModel(
    JSON.stringify({
      services: {
        web: {
          image: 'i',
          depends_on: { db: { condition: 'x', restart: true } },
          networks: { n1: null },
          labels: { s: '1' },
        },
        db: {
          network_mode: 'service:base',
          volumes_from: ['base:ro'],
          environment: { A: 'a', B: null },
          profiles: ['x'],
        },
        base: {
          volumes: [
            { type: 'volume', source: 'v' },
            { type: 'bind', source: '/x' },
          ],
          deploy: { replicas: 2 },
        },
      },
      networks: {
        n1: { name: 'p_n1', ipam: {}, labels: { z: 'a&b', '10': '$$', '9': 'y' } },
        ext: { name: 'e', external: true },
      },
      volumes: { v: { name: 'p_v' } },
    }),
  );
  assert.ok(model);

  test('services with what they depend on before them', () => {
    const facts = servicesOf(model, 'p', { web: 3 });
    assert.deepEqual(
      facts.map(({ name, scale, image }) => `${name} x${scale} ${image}`),
      ['base x2 p-base', 'db x1 p-db', 'web x3 i'],
    );
    const [base, db, web] = facts;
    assert.deepEqual([base?.volumes, db?.networks, web?.networks], [['p_v'], [], ['p_n1']]);
    assert.deepEqual([db?.livesIn, web?.restartsWith], [['base', 'base'], ['db']]);
  });

  test('the model in the words that Compose hashes', () => {
    const home = (name: string) => (name === 'base' ? 'ID' : undefined);
    const instead = (name: string) =>
      name === 'db' ? { image: 'a$b', labels: { s: null }, environment: { A: '$x' } } : {};
    const { services } = JSON.parse(hashable(model, home, instead));
    assert.deepEqual(services.db, {
      ...{ network_mode: 'container:ID', volumes_from: ['ID'], image: 'a$$b', labels: {} },
      environment: { A: '$$x', B: null },
    });
    assert.deepEqual(services.web, { image: 'i', networks: { n1: null }, labels: { s: '1' } });
  });

  test("networks as Compose's own encoder writes them", () => {
    const text = '{"name":"p_n1","ipam":{},"labels":{"10":"$","9":"y","z":"a\\u0026b"}}';
    assert.deepEqual([...networkTexts(model)], [['p_n1', text]]);
  });

  test('settings that differ are named, values never', () => {
    const other = readStackModel(
      JSON.stringify({
        services: {
          db: {
            network_mode: 'none',
            volumes_from: ['base:ro'],
            environment: { A: 'secret', C: '1' },
            labels: { s: '2' },
          },
        },
      }),
    );
    assert.ok(other);
    assert.deepEqual(changedSettings(model, other, 'db', 's'), ['environment (A, B, C)', 'network_mode']);
    assert.equal(readStackModel('{"services": 1}'), null);
    assert.equal(readStackModel('no'), null);
  });
});
