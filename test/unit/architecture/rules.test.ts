// The rules of ARCHITECTURE.md that a machine can hold: which room may import which, one door a package, pure files,
// file size, no subject outside its room.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { files, type Source, sources } from './sources.ts';

const all = sources();
const product = all.filter((source) => !source.path.startsWith('test/'));

function offenders(candidates: readonly Source[], isFault: (source: Source, imported: string) => boolean): string[] {
  return candidates.flatMap((source) =>
    source.imports.filter((imported) => isFault(source, imported)).map((imported) => `${source.path} -> ${imported}`),
  );
}

const inRoom = (room: string) => product.filter((source) => source.path.startsWith(`${room}/`));
const ROOMS = /^(subjects|infra|services|agent|clients|test)\//;

test('subjects imports zod and itself, nothing else', () => {
  assert.deepEqual(
    offenders(inRoom('subjects'), (_, imported) => imported !== 'zod/mini' && !imported.startsWith('subjects/')),
    [],
  );
});

test('infra knows no service, no agent and no client', () => {
  // The generator of the reference documents writes what other rooms derive; it is a tool, not a part.
  const candidates = inRoom('infra').filter((source) => source.path !== 'infra/setup/generate.ts');
  assert.deepEqual(
    offenders(candidates, (_, imported) => /^(services|agent|clients|test)\//.test(imported)),
    [],
  );
});

test('a service imports no other service', () => {
  const candidates = inRoom('services').filter((source) => source.path.split('/').length > 2);
  const faults = offenders(candidates, (source, imported) => {
    const own = source.path.split('/').slice(0, 2).join('/');
    return /^(services|agent|clients|test)\//.test(imported) && !imported.startsWith(`${own}/`);
  });
  assert.deepEqual(faults, []);
});

test('the agent imports subjects, infra without PostgreSQL, and itself', () => {
  const faults = offenders(inRoom('agent'), (_, imported) =>
    /^(services|clients|test|infra\/postgres)\//.test(imported),
  );
  assert.deepEqual(faults, []);
});

test('clients import clients only, what seals secrets, what checks an exported audit, and what makes a credential file', () => {
  assert.deepEqual(
    offenders(
      inRoom('clients'),
      (_, imported) =>
        ROOMS.test(imported) && !/^((clients|infra\/(sealing|audit))\/|infra\/nats\/creds-file\.ts$)/.test(imported),
    ),
    [],
  );
});

const DOORS: readonly [string, RegExp, RegExp][] = [
  ['the NATS client', /^@nats-io\//, /^infra\/nats\//],
  ['MikroORM', /^@mikro-orm\//, /^infra\/postgres\/|^services\/[a-z]+\/(store|entities)[a-z-]*(\/[a-z-]+)?\.ts$/],
  ['fastify', /^fastify|^@fastify\//, /^services\/gateway\/|^infra\/health/],
  ['dockerode', /^dockerode$/, /^agent\/docker\.ts$/],
  ['execa', /^execa$/, /^infra\/process(\/|\.ts)/],
  ['age', /^age-encryption$/, /^infra\/sealing\/|^agent\//],
];

for (const [name, packages, room] of DOORS) {
  test(`${name} has one door`, () => {
    assert.deepEqual(
      offenders(product, (source, imported) => packages.test(imported) && !room.test(source.path)),
      [],
    );
  });
}

/** Files whose header says they are pure, and every file of the contract. */
const pure = product.filter(
  (source) => source.path.startsWith('subjects/') || /^(?:\/\/.*\n)*\/\/.*\b(?:Pure|PURE)\b/.test(source.text),
);

test('pure files touch no clock, no randomness, no node module', () => {
  const faults = pure.flatMap((source) => {
    const code = source.text.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
    const touched =
      code.match(/\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bawait\b|from 'node:|\bprocess\./g) ?? [];
    return touched.map((what) => `${source.path}: ${what}`);
  });
  assert.deepEqual(faults, []);
});

test('subjects stand in subjects/ and infra/nats alone', () => {
  const faults = product
    .filter((source) => !/^(subjects|infra\/nats)\//.test(source.path))
    .filter((source) => /['"`](overseer\.[a-z]+\.|\$JS\.|\$KV\.|\$SYS\.)/.test(source.text))
    .filter((source) => !source.path.startsWith('infra/signing/'))
    .map((source) => source.path);
  assert.deepEqual(faults, []);
});

test('no file is longer than 300 lines, nine in ten are under 200', () => {
  assert.deepEqual(
    all.filter((source) => source.lines > 300).map((source) => `${source.path}: ${source.lines}`),
    [],
  );
  const long = product.filter((source) => source.lines >= 200).length;
  assert.ok(long <= product.length / 10, `${long} of ${product.length} files have 200 lines or more`);
});

test('no room has a name that tells nothing', () => {
  const faults = files().filter((path) => /(^|\/)(utils?|helpers?|common|misc|lib|managers?)(\/|\.tsx?$)/.test(path));
  assert.deepEqual(faults, []);
});

test('a decision record keeps its number', () => {
  const numbers = readdirSync('docs/adr').map((name) => name.slice(0, 4));
  assert.deepEqual(numbers, [...new Set(numbers)]);
  assert.ok(numbers.every((number) => /^\d{4}$/.test(number)));
});
