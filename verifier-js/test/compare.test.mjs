import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as verifier from '../src/index.js';
import { differences } from '../testing/compare.js';
import { TRUST, cases, filesOf, recorded } from '../testing/fixtures.js';
import { JUSHIN, ask } from '../testing/jushin.js';
import { planted } from '../testing/planted.js';
import { Story } from '../testing/story.js';
import { World } from '../testing/world.js';

const temporary = await mkdtemp(join(tmpdir(), 'verifier-js-'));
after(() => rm(temporary, { recursive: true }));

/** Cases about which a verifier and the answers disagree. @param {typeof verifier} program @param {{ name: string, bytes: Uint8Array<ArrayBuffer> }[]} bundles @param {{ name: string, bytes: Uint8Array<ArrayBuffer> }[]} files @param {any[]} answers */
async function disagreements(program, bundles, files, answers) {
  assert.equal(answers.length, bundles.length);
  const trust = await program.readTrust(files);
  const found = [];
  for (const [i, { name, bytes }] of bundles.entries()) {
    const mine = JSON.parse(program.toJson(program.report(name, await program.verifyBundle(bytes, trust), trust)));
    const lines = differences(mine, answers[i]);
    if (lines.length > 0) found.push(`${name}: ${lines.join('; ')}`);
  }
  return found;
}

test('both verifiers agree on the bundles of a day and on 500 damaged copies, as recorded', async () => {
  const bundles = await cases();
  assert.ok(bundles.length >= 504);
  assert.deepEqual(await disagreements(verifier, bundles, await filesOf(TRUST), await recorded()), []);
});

test('both verifiers agree on the same bundles now', { skip: JUSHIN ? false : 'JUSHIN is not set' }, async () => {
  const bundles = await cases();
  assert.deepEqual(await disagreements(verifier, bundles, await filesOf(TRUST), await ask(bundles, TRUST)), []);
});

const PLANTED = [
  ['window.js', 'lo: lo && positive(floor(lo.n, lo.d * 1000n))', 'lo: lo && positive(-floor(-lo.n, lo.d * 1000n))'],
  ['window.js', 'e.count - ts1.count + 1n', 'e.count - ts1.count'],
  ['visit.js', 'judgement.demand(7, path !== null, 9)', 'judgement.demand(7, path !== null, 8)'],
  ['visit.js', 'judgement.lack(4, 5)', 'judgement.fail(4, 5)'],
  ['revocation.js', "return fresh ? 'GOOD' : 'NODATA'", "return 'GOOD'"],
];
/** Rules that only newly signed days reach. */
const PLANTED_DEEP = [
  ['tst.js', 'digits === 0 ? 1000n : 0n', 'digits === 0 ? 999n : 0n'],
  ['chain.js', 'object.pending === ctr', 'object.pending !== ctr'],
  ['grade.js', 'Math.min(classCap[2] ?? CLASS.tight, CLASS.date)', 'classCap[2] ?? CLASS.tight'],
  ['window.js', 'const d = MILLION + sign * rhoPpm', 'const d = MILLION - sign * rhoPpm'],
  ['tpm.js', 'payload.t.count > clock.time', 'payload.t.count >= clock.time'],
  ['redacted.js', 'Math.max(own.status, verdict.status)', 'own.status'],
];
for (const [file, rule, changed] of PLANTED) {
  test(`a planted disagreement is found: ${changed}`, async () => {
    const some = (/** @type {any[]} */ list) => list.filter((_, i) => i % 3 === 0);
    const found = await disagreements(await planted(file, rule, changed), some(await cases()), await filesOf(TRUST), some(await recorded()));
    assert.notDeepEqual(found, []);
  });
}

test('both verifiers agree on days of elements of every kind, signed here', { skip: JUSHIN ? false : 'JUSHIN is not set' }, async () => {
  const world = new World();
  for (const policy of ['{"class_cap":{"3":4}}', '{"class_cap":{"1":2,"2":4},"tight_ms":5000,"accuracy_ms":7}']) {
    const files = world.trustFiles(policy);
    const folder = await mkdtemp(join(temporary, 'trust-'));
    for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
    const days = Array.from({ length: 150 }, (_, seed) => {
      const story = new Story(world, seed);
      const bytes = story.bundle();
      return { name: `day-${seed}`, bytes, twists: story.twists };
    });
    const answers = await ask(days, folder);
    assert.deepEqual(await disagreements(verifier, days, files, answers), []);
    if (!policy.includes('"3"')) continue;
    for (const [file, rule, changed] of PLANTED_DEEP) {
      assert.notDeepEqual(await disagreements(await planted(file, rule, changed), days, files, answers), [], `${file}: ${changed}`);
    }
  }
});
