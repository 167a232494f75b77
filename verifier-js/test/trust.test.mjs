import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, utf8 } from '../src/bytes.js';
import { TrustError, readTrust } from '../src/trust.js';
import { TRUST, filesOf } from '../testing/fixtures.js';

const files = await filesOf(TRUST);
const pem = files.filter(({ name }) => name === 'sp-1.pem')[0].bytes;
const ca = files.filter(({ name }) => name === 'tsa-1.pem')[0].bytes;
const policy = (/** @type {string} */ text) => ({ name: 'policy.json', bytes: utf8(text) });

test('a folder is read whatever the order of its files', async () => {
  const [one, other] = [await readTrust(files), await readTrust([...files].reverse())];
  assert.deepEqual(one.policyId, other.policyId);
  assert.equal(one.timeStampers.length, 2);
});

test('text around a certificate does not matter to trust, but to the policy-id', async () => {
  const [one, other] = [await readTrust([{ name: 'sp-1.pem', bytes: pem }]), await readTrust([{ name: 'sp-1.pem', bytes: concat(utf8('note\n'), pem) }])];
  assert.equal(other.providers.length, 1);
  assert.notDeepEqual(one.policyId, other.policyId);
});

/** @type {[string, { name: string, bytes: import('../src/bytes.js').Bytes }[]][]} */
const REFUSED = [
  ['an unknown name', [{ name: 'notes.txt', bytes: pem }]],
  ['a name without its star', [{ name: 'sp-.pem', bytes: pem }]],
  ['a name in a subfolder', [{ name: 'sp-a/b.pem', bytes: pem }]],
  ['a name twice', [{ name: 'sp-1.pem', bytes: pem }, { name: 'sp-1.pem', bytes: pem }]],
  ['a CA where none belongs', [{ name: 'sp-1.pem', bytes: ca }]],
  ['no CA where one belongs', [{ name: 'tsa-1.pem', bytes: pem }]],
  ['a file without certificate', [{ name: 'sp-1.pem', bytes: utf8('nothing') }]],
  ['half a certificate', [{ name: 'sp-1.pem', bytes: pem.slice(0, 200) }]],
  ['no CV certificate', [{ name: 'ca-i-1.bin', bytes: pem }]],
  ['text that is not UTF-8', [{ name: 'sp-1.pem', bytes: concat(pem, Uint8Array.of(255)) }]],
];
for (const text of [
  '', '[]', '{"x":1}', '{"tight_ms":1,"tight_ms":1}', '{"tight_ms":-1}', '{"tight_ms":1.0}', '{"tight_ms":1e3}', '{"tight_ms":18446744073709551616}',
  '{"tight_ms":null}', '{"class_cap":{"4":1}}', '{"class_cap":{"1":5}}', '{"class_cap":{"1":1,"1":4}}', '{"log_vkeys":[1]}', '{"log_vkeys":"x"}',
]) REFUSED.push([`the policy ${text}`, [policy(text)]]);
for (const [what, list] of REFUSED) test(`the folder is refused: ${what}`, () => assert.rejects(readTrust(list), TrustError));

test('a policy changes what it names and nothing else', async () => {
  const { policy: read } = await readTrust([policy('{"class_cap":{"1":2},"tight_ms":18446744073709551615}')]);
  assert.deepEqual(read, { classCap: { 1: 2, 3: 1 }, accuracyMs: 1000n, tightMs: 2n ** 64n - 1n, logKeys: [] });
});
