import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamVersion } from '#infra/setup/debian.ts';
import { debianMirror } from '#infra/setup/debian-mirror.ts';

const DEB822 = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;

const mirrorOf = (...files: [string, string][]) =>
  debianMirror(
    files.map(([name, text]) => ({ name, text })),
    'bookworm',
  );

test('the mirror of the own release is found in both forms of sources', () => {
  assert.equal(mirrorOf(['debian.sources', DEB822]), 'http://mirror.example/debian');
  assert.equal(mirrorOf(['sources.list', 'deb http://a.example/debian bookworm main\n']), 'http://a.example/debian');
  assert.equal(
    mirrorOf([
      'sources.list',
      '# deb http://old bookworm main\ndeb [arch=amd64 signed-by=/k] http://b/debian/ bookworm main contrib # x\n',
    ]),
    'http://b/debian/',
  );
});

test('a field that goes over several lines is read whole', () => {
  const text = 'Types: deb\nURIs:\n http://c/debian\nSuites:\n bookworm\n bookworm-updates\nComponents: main\n';
  assert.equal(mirrorOf(['x.sources', text]), 'http://c/debian');
});

test("a security archive or a third party's repository is never taken for the mirror", () => {
  const security = DEB822.split('\n\n')[1] ?? '';
  assert.equal(mirrorOf(['security.sources', security]), null);
  assert.equal(mirrorOf(['docker.list', 'deb https://docker.example/linux/debian bookworm stable\n']), null);
  assert.equal(mirrorOf(['cloud.list', 'deb https://cloud.example/apt cloud-sdk-bookworm main\n']), null);
  assert.equal(mirrorOf(['off.sources', `Enabled: no\n${DEB822.split('\n\n')[0]}\n`]), null);
  assert.equal(
    mirrorOf(['a.list', 'deb https://a.example nodistro main\n'], ['debian.sources', DEB822]),
    'http://mirror.example/debian',
  );
});

test('the upstream version of a package leaves epoch and revision behind', () => {
  assert.equal(upstreamVersion('2.15.1-1'), '2.15.1');
  assert.equal(upstreamVersion('1:1.35.0-4+deb12u1+b1'), '1.35.0');
  assert.equal(upstreamVersion('20.10.24+dfsg1-1+deb12u1'), '20.10.24');
  assert.equal(upstreamVersion('2.1.9~ds1-1'), '2.1.9');
});
