import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as verifier from '../src/index.js';
import { GENERATOR, corpus, wrongAnswers } from '../testing/corpus.js';
import { planted } from '../testing/planted.js';

const options = { skip: GENERATOR ? false : 'JUSHIN_CORPUS is not set' };
const all = GENERATOR ? await corpus() : null;

test('the second verifier gives the answer that is due to every case of the corpus', options, async () => {
  assert.ok(all && all.cases.length >= 200);
  assert.deepEqual(await wrongAnswers(verifier, all), []);
});

/** A file of `src/`, a rule in it, what stands in its place, and a case that then gets another answer. */
const PLANTED = [
  ['cbor.js', 'if (argument < least) throw', 'if (false) throw', 'head-longer-than-needed'],
  ['cbor.js', 'if (reader.at !== bytes.length) throw', 'if (false) throw', 'trailing-zero'],
  ['record.js', 'isTpm !== (element.profile === 2)', 'false', 'tpm-writes-plain-records'],
  ['cose.js', 'if ((message.kid !== null) !== WITH_KEY_ID.includes(context)) throw', 'if (false) throw', 'binding-without-key-id'],
  ['cose.js', 'key.bits !== 2048) return false', 'false) return false', 'card-with-a-long-key'],
  ['element.js', '(mark && !about.simulated)', 'false', 'element-unmarked-under-a-marked-ca'],
  ['element.js', 'again.seq > stop.seq', 'again.seq >= 0n', 'recovered-before-it-was-stolen'],
  ['visit.js', 'binding.state === 1 && binding.i === presence.i', 'binding.i === presence.i', 'binding-suspended'],
  ['visit.js', 'institutionOf(cv) === binding.i && ', '', 'cv-of-another-institution'],
  ['visit.js', 'window.hi < binding.nb', 'window.hi <= binding.nb', 'binding-begins-as-the-window-ends'],
  ['visit.js', 'judgement.lack(4, 5)', 'judgement.fail(4, 5)', 'unlock-missing'],
  ['visit.js', 'admin.kind === kind && ', '', 'administrator-of-the-other-kind-hpki'],
  ['offline.js', 'message.alg !== RS256', 'false', 'administrator-signs-with-pss'],
  ['profiles.js', 'policy === STAFF_SIGNING || policy.startsWith', 'false && policy.startsWith', 'administrator-with-both-policies'],
  ['profiles.js', 'extensions.get(OID.extendedUsage)?.critical === true && ', '', 'token-by-a-usage-that-is-not-critical'],
  ['tst.js', '(digits > 3 ? 1n : 0n)', '0n', 'time-with-four-digits'],
  ['visit.js', 'record.ctr + 1n === presence.ctr) return record', 'true) return record', 'tpm-record-before-is-two-before'],
  ['visit.js', '(binding.pol.methods & (1n << BigInt(presence.method))) !== 0n', 'true', 'holder-check-not-allowed'],
  ['visit.js', 'span <= binding.pol.sessionTicks', 'span < binding.pol.sessionTicks', 'session-as-long-as-allowed'],
  ['tpm.js', 'nv.offset === 0n && ', '', 'tpm-offset-eight'],
  ['tpm.js', ' && equal(nv.contents, fromBigInt(payload.ctr, 8))', '', 'tpm-counter-one-higher'],
  ['tpm.js', 'return signed ? { count: clock.time', 'return signed ? { count: payload.t.count', 'tpm-host-claims-an-early-record-before'],
  ['card.js', 'CARD_ALGORITHMS = [-257, -37, -35]', 'CARD_ALGORITHMS = [-257, -37, -35, -7]', 'card-with-a-p256-key'],
  ['card.js', 'if (ea !== 3) return tbs', 'return tbs', 'good-card-binds-institution'],
  ['revocation.js', 'lo !== null && revoked.some((at) => at < lo)', 'revoked.some((at) => lo === null || at < lo)', 'no-lower-end-card-revoked-long-before'],
  ['revocation.js', 'asOf >= lo - (lo % 1000n)', 'asOf >= lo', 'card-status-of-the-same-second'],
  ['revocation.js', "return fresh ? 'GOOD' : 'NODATA'", "return 'GOOD'", 'card-status-missing'],
  ['visit.js', '![mc1 - 1n, mc1, mc2].some((ctr) => chain', '![mc1, mc2].some((ctr) => chain', 'fork-before-the-visit'],
  ['visit.js', '![mc1 - 1n, mc1, mc2].some((ctr) => chain', '![mc1 - 1n, mc2].some((ctr) => chain', 'fork-at-the-beginning'],
  ['chain.js', 'object.pending === ctr', 'false', 'gap-of-a-power-cut'],
  ['chain.js', ' || interleaved(cycle, others)', '', 'power-cycles-interleaved'],
  ['chain.js', 'reading.count <= before.count', 'reading.count < before.count', 'records-counted-twice'],
  ['window.js', 'const d = MILLION + sign * rhoPpm', 'const d = MILLION - sign * rhoPpm', 'good-demo'],
  ['window.js', 'e.count - ts2.count - 1n', 'e.count - ts2.count', 'good-applet'],
  ['grade.js', 'caSimulated ? classCap[3] : Math.min(classCap[3], CLASS.order)', 'classCap[3]', 'class-of-software-lifted-in-vain'],
  ['grade.js', 'hi - lo <= tightMs', 'hi - lo < tightMs', 'class-of-a-window-just-tight-enough'],
  ['grade.js', 'if (dates && !oneDay) return CLASS.interval;', '', 'good-date-stamp-across-midnight'],
  ['grade.js', 'if (dates && !oneDay)', 'if (!oneDay)', 'good-clock-across-midnight'],
  ['redacted.js', 'a.verdict.status - b.verdict.status', 'b.verdict.status - a.verdict.status', 'verdicts-of-one-moment'],
  ['prepare.js', 'if (element.isVoid(anchor.ts1.ctr)) continue;', '', 'unlocked-by-a-thief'],
];
for (const [file, rule, changed, name] of PLANTED) {
  test(`the corpus finds a planted disagreement: ${name}`, options, async () => {
    assert.ok(all);
    const cases = all.cases.filter((one) => one.name === name);
    assert.equal(cases.length, 1, name);
    assert.deepEqual(await wrongAnswers(verifier, all, cases), []);
    assert.equal((await wrongAnswers(await planted(file, rule, changed), all, cases)).length, 1, `${file}: ${changed}`);
  });
}
