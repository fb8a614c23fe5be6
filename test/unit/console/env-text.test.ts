// The text of a .env file: read as Docker Compose does, and written so that it comes back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { envText, envTextFault, parseEnvText } from '#clients/sdk/env-text.ts';

describe('the text of a .env file', () => {
  for (const [name, text, values] of [
    ['comments, empty lines and line ends of Windows', '# no\r\n\r\nA=1\r\n  # no\r\nB=\r\n', { A: '1', B: '' }],
    ['export, and spaces around', '  export A = 1  \nexport\tB=2', { A: '1', B: '2' }],
    ['a comment behind a value', 'A=x # y\nB=x#y\nC=#y\nD= # y', { A: 'x', B: 'x#y', C: '#y', D: '' }],
    ['quotes, and a comment behind them', `A="x # y" # z\nB='$z "q"'#c\nC=''`, { A: 'x # y', B: '$z "q"', C: '' }],
    ['quotes within quotes of one line', `A="{"a": 1}"\nB='it's'`, { A: '{"a": 1}', B: "it's" }],
    [
      'escapes in double quotes only',
      `${String.raw`A="a\nb\"\\\$\d"`}\n${String.raw`B='a\n'`}\nC=a\\n`,
      {
        A: 'a\nb"\\$\\d',
        B: 'a\\n',
        C: 'a\\n',
      },
    ],
    [
      'values of several lines',
      'A="-----BEGIN\nx # y\n-----END" # key\nB=\'1\n2\'\nC=3',
      {
        A: '-----BEGIN\nx # y\n-----END',
        B: '1\n2',
        C: '3',
      },
    ],
    ['the last of a key counts', 'A=1\nA=2', { A: '2' }],
    ['an equals sign in a value, nothing put in', 'A=b=c\nB=$A', { A: 'b=c', B: '$A' }],
    ['a mark of byte order', '\uFEFFA=1', { A: '1' }],
  ] as const)
    test(name, () => assert.deepEqual(parseEnvText(text), values));

  test('what can not be read names its line', () => {
    assert.throws(() => parseEnvText('A=1\nnonsense\n'), /line 2 is not KEY=value/);
    assert.match(envTextFault('A="1\n2"\n\n1A=x') ?? '', /line 4/);
    assert.match(envTextFault('A=1\nB="open\nC=2') ?? '', /line 2 has a "/);
    assert.match(envTextFault(`A='x'y\nB='z'`) ?? '', /line 1 has a '/);
    assert.equal(envTextFault('A=1'), null);
  });

  test('whatever the values are, they come back', () => {
    const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/);
    const hard = fc.string({ unit: fc.constantFrom(...'ab =#$\\n\'"\n\r\t', 'é', '\u2028', '\u00a0') });
    const value = fc.oneof(hard, fc.string({ unit: 'binary' }), fc.string());
    const values = fc.array(fc.tuple(key, value)).map((pairs) => Object.fromEntries(pairs));
    fc.assert(
      fc.property(values, (env) => assert.deepEqual(parseEnvText(envText(env)), env)),
      { numRuns: 2000 },
    );
    const proto = Object.fromEntries([['__proto__', 'x y ']]);
    assert.deepEqual(parseEnvText(envText(proto)), proto);
  });

  test('what needs no quotes has none', () => {
    assert.equal(
      envText({ TAG: '1.27', A: 'a b', B: 'x # y', C: 'l1\nl2', D: "it's $5" }),
      ['TAG=1.27', 'A=a b', "B='x # y'", "C='l1\nl2'", `D="it's \\$5"`].join('\n'),
    );
  });
});
