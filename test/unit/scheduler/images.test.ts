import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { challengeOf, retryAfter, tokenUrl } from '#services/scheduler/images/challenge.ts';
import {
  imageStates,
  movedImages,
  newsOf,
  pinsOf,
  repinned,
  type Told,
  watched,
} from '#services/scheduler/images/image-state.ts';
import { newPatience } from '#services/scheduler/images/patience.ts';
import { pullable } from '#services/scheduler/images/pins.ts';
import { imageReference, isInsecure, pinned, pinnedDigest } from '#services/scheduler/images/reference.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const [A, B, C] = ['a', 'b', 'c'].map(digest) as [string, string, string];

describe('the name of an image', () => {
  const good: [string, string, string, string | null, string | null][] = [
    ['busybox', 'docker.io', 'library/busybox', null, null],
    ['team/app:1.2', 'docker.io', 'team/app', '1.2', null],
    ['docker.io/busybox:1', 'docker.io', 'library/busybox', '1', null],
    ['index.docker.io/team/app', 'docker.io', 'team/app', null, null],
    ['localhost/app', 'localhost', 'app', null, null],
    ['127.0.0.1:5000/a/b/c:tag', '127.0.0.1:5000', 'a/b/c', 'tag', null],
    ['reg.example:5000/app', 'reg.example:5000', 'app', null, null],
    ['[::1]:5000/app:1', '[::1]:5000', 'app', '1', null],
    [`ghcr.io/o/app:1@${A}`, 'ghcr.io', 'o/app', '1', A],
    [`busybox@${A}`, 'docker.io', 'library/busybox', null, A],
    ['Registry/app', 'Registry', 'app', null, null],
    ['a__b/c.d-e--f', 'docker.io', 'a__b/c.d-e--f', null, null],
  ];
  for (const [text, registry, repository, tag, ofDigest] of good) {
    test(text, () => assert.deepEqual(imageReference(text), { registry, repository, tag, digest: ofDigest }));
  }

  const bad = [
    '',
    'UPPER',
    'a//b',
    'a/',
    '/a',
    'a:',
    'a:-x',
    'a b',
    'a@sha256:0',
    'a..b',
    `${'a'.repeat(64)}`,
    'a:b:c/d',
  ];
  for (const text of [...bad, `x/${'a'.repeat(300)}`, 'reg.example:99999999/a', 'a@', '-reg.example/a']) {
    test(`${JSON.stringify(text.slice(0, 40))} is none`, () => assert.equal(imageReference(text), null));
  }

  test('a pin names the image as written, and is known by that', () => {
    assert.equal(pinned('busybox', A), `busybox:latest@${A}`);
    assert.equal(pinned('127.0.0.1:5000/a:1', A), `127.0.0.1:5000/a:1@${A}`);
    assert.equal(pinned('127.0.0.1:5000/a', A), `127.0.0.1:5000/a:latest@${A}`);
    assert.equal(pinnedDigest(`busybox:latest@${A}`, 'busybox'), A);
    assert.equal(pinnedDigest(`busybox:1@${A}`, 'busybox:2'), null);
    assert.equal(pinnedDigest(undefined, 'busybox'), null);
    const names = fc.constantFrom('busybox', 'team/app:1', 'reg.example:5000/a/b', '[::1]:5000/x:y');
    fc.assert(
      fc.property(names, fc.constantFrom(A, B), (name, of) => {
        assert.equal(imageReference(pinned(name, of))?.digest, of);
        assert.equal(imageReference(pinned(name, of))?.registry, imageReference(name)?.registry);
      }),
    );
  });

  test('TLS is left away on this machine and where the operator says so', () => {
    for (const own of ['localhost', 'localhost:5000', '127.0.0.1:5000', '[::1]:5000', 'reg.example:5000']) {
      assert.equal(isInsecure(own, ['reg.example:5000']), true, own);
    }
    for (const far of ['docker.io', 'reg.example', 'localhost.example', '127.0.0.1.example', '127.0.0.2:5000']) {
      assert.equal(isInsecure(far, ['reg.example:5000']), false, far);
    }
  });

  test('any text is answered', () => {
    fc.assert(fc.property(fc.string(), (text) => imageReference(text) !== undefined));
  });
});

describe('a challenge', () => {
  test('of each kind is read', () => {
    const header = 'Bearer realm="https://auth.example/token",service="reg, \\"x\\"",scope="repository:a:pull,push"';
    const bearer = challengeOf(header);
    assert.deepEqual(bearer, {
      scheme: 'bearer',
      parameters: { realm: 'https://auth.example/token', service: 'reg, "x"', scope: 'repository:a:pull,push' },
    });
    assert.equal(challengeOf('basic realm=x')?.scheme, 'basic');
    assert.equal(challengeOf('Basic')?.scheme, 'basic');
    for (const other of [undefined, '', 'Digest realm="x"', 'Bearerx realm="y"'])
      assert.equal(challengeOf(other), null);
  });

  test('says where tokens are', () => {
    const at = (header: string) => tokenUrl(challengeOf(header) as NonNullable<ReturnType<typeof challengeOf>>, 'a/b');
    assert.equal(at('Bearer realm="https://x/t?y=1"')?.href, 'https://x/t?y=1&scope=repository%3Aa%2Fb%3Apull');
    assert.equal(at('Bearer realm="no url"'), null);
    assert.equal(at('Bearer service="x"'), null);
  });

  test('patience is a number of seconds, within a day', () => {
    assert.deepEqual([undefined, '30', '1e9', 'Wed, 21 Oct 2026 07:28:00 GMT'].map(retryAfter), [null, 30, 86_400, 60]);
  });
});

describe('images of a stack', () => {
  const images = new Map([
    ['web', 'busybox:1'],
    ['db', 'postgres'],
  ]);
  const told = (web: Told, db: Told) =>
    new Map([
      ['busybox:1', web],
      ['postgres', db],
    ]);

  test('are those that a registry can be asked about', () => {
    const all = { a: 'busybox', b: `busybox@${A}`, c: 'NOT AN IMAGE', d: 'x:1' };
    assert.deepEqual([...watched(new Map(Object.entries(all))).keys()], ['a', 'd']);
    const services = {
      built: { image: 'a', build: {} },
      local: { image: 'b', pull_policy: 'never' },
      plain: { image: 'c' },
    };
    assert.deepEqual([...pullable({ services }).keys()], ['plain']);
  });

  test('are pinned to what was told; what was not stays as it is pinned', () => {
    assert.deepEqual(pinsOf(images, told({ digest: A }, { digest: B }), {}), {
      db: `postgres:latest@${B}`,
      web: `busybox:1@${A}`,
    });
    const present = { web: `busybox:1@${C}`, gone: `x:1@${A}` };
    assert.deepEqual(pinsOf(images, told({ fault: 'away' }, { fault: 'away' }), present), { web: `busybox:1@${C}` });
    assert.deepEqual(pinsOf(images, told({ fault: 'away' }, { digest: B }), { web: `busybox:2@${C}` }), {
      db: `postgres:latest@${B}`,
    });
  });

  test('a moved tag is told once for each digest, and never when it is what runs', () => {
    const pins = { web: `busybox:1@${A}` };
    const web = new Map([['web', 'busybox:1']]);
    const look = (before: ReturnType<typeof imageStates>, now: Told) =>
      imageStates(web, new Map([['busybox:1', now]]), pins, before, 'now');
    const steps: [Told, string[]][] = [
      [{ digest: A }, []],
      [{ digest: B }, [B]],
      [{ digest: B }, []],
      [{ fault: 'away' }, []],
      [{ digest: B }, []],
      [{ digest: C }, [C]],
      [{ digest: A }, []],
      [{ digest: B }, [B]],
    ];
    let before: ReturnType<typeof imageStates> = [];
    for (const [now, expected] of steps) {
      const after = look(before, now);
      assert.deepEqual(
        movedImages(before, after).map(({ to }) => to),
        expected,
      );
      before = after;
    }
  });

  test('news is a digest that was not named before, and any for what is not pinned', () => {
    const web = new Map([['web', 'busybox:1']]);
    const state = { service: 'web', image: 'busybox:1', pinned: A, newest: A, checkedAt: '1', error: null };
    const isNews = (now: Told, pin: string | null, newest: string | null) =>
      newsOf(web, new Map([['busybox:1', now]]), [{ ...state, newest }], pin ? { web: `busybox:1@${pin}` } : {}).size >
      0;
    assert.equal(isNews({ digest: B }, A, A), true);
    assert.equal(isNews({ digest: B }, A, B), false, 'somebody went back to A');
    assert.equal(isNews({ digest: C }, A, B), true);
    assert.equal(isNews({ digest: B }, A, null), false, 'only learned');
    assert.equal(isNews({ digest: A }, null, A), true);
    assert.equal(isNews({ fault: 'away' }, null, null), false);
    assert.equal(newsOf(web, new Map(), [], {}).size, 0);
  });

  test('pinned to other digests by hand they keep what their registry named', () => {
    const state = { service: 'web', image: 'busybox:1', pinned: B, newest: B, checkedAt: '1', error: null };
    assert.deepEqual(repinned([state], { web: `busybox:1@${A}` }), [{ ...state, pinned: A }]);
    assert.deepEqual(repinned([state], { web: `busybox:2@${A}` }), []);
  });

  test('what was not asked about stays as it is known, its fault included', () => {
    const [known] = imageStates(images, told({ digest: A }, { fault: 'why' }), {}, [], '1');
    const [after] = imageStates(images, new Map(), {}, known ? [known] : [], '2');
    assert.deepEqual(after, known);
  });

  test('one whose registry does not answer waits longer each time, and no other with it', () => {
    let time = 0;
    const patience = newPatience(() => new Date(time));
    const away = 'reg.example/a:1';
    for (const seconds of [30, 60, 120]) {
      patience.failed(away, 'reg.example', null);
      assert.deepEqual([away, 'reg.example/b:1', 'busybox'].map(patience.isDue), [false, true, true]);
      time += seconds * 1000 - 1;
      assert.equal(patience.isDue(away), false);
      time += 1;
      assert.equal(patience.isDue(away), true);
    }
    patience.answered(away);
    patience.failed(away, 'reg.example', 600);
    assert.deepEqual([away, 'reg.example/b:1', 'busybox'].map(patience.isDue), [false, false, true]);
    time += 600_000;
    assert.deepEqual([away, 'reg.example/b:1'].map(patience.isDue), [true, true]);
  });

  test('a fault keeps what was known', () => {
    const [known] = imageStates(images, told({ digest: A }, { digest: A }), {}, [], '1');
    const [after] = imageStates(images, told({ digest: A }, { fault: 'why' }), {}, known ? [known] : [], '2');
    assert.deepEqual(after, {
      service: 'db',
      image: 'postgres',
      pinned: null,
      newest: A,
      checkedAt: '2',
      error: 'why',
    });
  });
});
