// The rules of the account layout, and that the check really finds each way to break them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Export, type Import, type Layout, layout } from '#subjects/accounts.ts';
import { layoutFaults, overlaps } from '#subjects/layout-rules.ts';
import { template } from '#subjects/permissions.ts';
import { accountOf, PRINCIPALS, type Principal } from '#subjects/principals.ts';

const own = (subject: string) => subject.replaceAll('{{name()}}', '*');

/** Whether every subject of the narrower pattern matches the wider one. */
function covers(wider: string, narrower: string): boolean {
  const right = narrower.split('.');
  const left = wider.split('.');
  for (const [index, token] of left.entries()) {
    if (token === '>') return right.length > index;
    const other = right[index];
    if (other === undefined || other === '>') return false;
    if (token !== '*' && token !== other) return false;
  }
  return left.length === right.length;
}

test('the layout of the contract has no fault', () => assert.deepEqual(layoutFaults(layout()), []));

function changed(change: (exports: Export[], imports: Import[]) => void): string[] {
  const { exports, imports } = layout();
  const copy: Layout = { exports: [...exports], imports: [...imports] };
  change(copy.exports as Export[], copy.imports as Import[]);
  return layoutFaults(copy);
}

test('overlapping exports, literal imports of strangers, imports without export and of oneself are found', () => {
  const anEvent: Export = { account: 'STORE', subject: 'overseer.event.>', type: 'service', response: 'Singleton' };
  assert.match(changed((exports) => exports.push(anEvent)).join(), /STORE exports overlap/);
  const literal = { ...anEvent, subject: 'overseer.log.a', exported: 'overseer.log.*' };
  for (const importedBy of ['FLEET', 'READERS'] as const) {
    const faults = changed((_, imports) => imports.push({ ...literal, importedBy }));
    assert.deepEqual(faults, [`${importedBy} imports the literal subject overseer.log.a`]);
  }
  const orphan = { ...literal, importedBy: 'LOGS', subject: 'nowhere', exported: 'nowhere' } as const;
  assert.match(changed((_, imports) => imports.push(orphan)).join(), /which STORE does not export/);
  const self = { ...literal, importedBy: 'STORE' } as const;
  assert.match(changed((_, imports) => imports.push(self)).join(), /from itself/);
});

test('every right to publish leads somewhere: an import of the account, or a subject of its own', () => {
  const { imports, exports } = layout();
  const tools: readonly Principal[] = ['provisioner', 'reader-provisioner', 'claims'];
  for (const principal of PRINCIPALS.filter((name) => !tools.includes(name))) {
    const account = accountOf(principal);
    for (const subject of template(principal).pub.map(own)) {
      const leads = imports.some((i) => i.importedBy === account && i.type === 'service' && covers(i.subject, subject));
      const isHome = exports.some((e) => e.account === account && covers(e.subject, subject));
      assert.ok(leads || isHome, `${principal}: ${subject}`);
    }
  }
});

test('every import is a right of somebody in that account: no way across a border that nobody needs', () => {
  for (const { importedBy, subject, type } of layout().imports) {
    const rights = PRINCIPALS.filter((principal) => accountOf(principal) === importedBy).flatMap((principal) => {
      const { pub, sub } = template(principal);
      return (type === 'service' ? pub : sub).map((right) => own(right.split(' ')[0] ?? ''));
    });
    assert.ok(
      rights.some((right) => covers(subject, right)),
      `${importedBy}: ${subject}`,
    );
  }
});

const token = fc.constantFrom('a', 'b', 'c');
const subject = fc.array(token, { minLength: 1, maxLength: 5 });
const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 4 }), fc.constantFrom('a', '*', '>'))
  .map(([tokens, last]) => [...tokens, last].join('.'));

test('patterns overlap exactly when some subject matches both', () => {
  // Two tokens of the alphabet and one more are enough: patterns name `a` and `b` alone, and a fifth length suffices.
  const all = (length: number): string[] =>
    length === 0 ? [''] : all(length - 1).flatMap((head) => ['a', 'b', 'c'].map((t) => (head ? `${head}.${t}` : t)));
  const subjects = [1, 2, 3, 4, 5].flatMap(all);
  fc.assert(
    fc.property(pattern, pattern, (one, other) => {
      const both = subjects.some((found) => covers(one, found) && covers(other, found));
      assert.equal(overlaps(one, other), both);
      assert.equal(overlaps(other, one), both);
    }),
    { numRuns: 500 },
  );
});

test('a pattern overlaps every subject it covers', () => {
  fc.assert(
    fc.property(pattern, subject, (one, tokens) => {
      const found = tokens.join('.');
      assert.equal(overlaps(one, found), covers(one, found));
    }),
  );
});
