import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { concat, fromBigInt, fromHex, hex, utf8 } from '../src/bytes.js';
import { cardMessage, presenceTbs } from '../src/card.js';
import { decode, encode } from '../src/cbor.js';
import { headerOf, toBeSigned, verifyWith } from '../src/cose.js';
import { digest, sha, shaHex } from '../src/crypto.js';
import { readKey } from '../src/keys.js';
import * as messages from '../src/messages.js';
import * as objects from '../src/objects.js';
import { bits, integer, nothing, oid, seq } from '../testing/der-writer.js';

const folder = new URL('../../protocol/statement/vectors/', import.meta.url);
/** @type {{ object: string, hex: string }[]} */
const listed = JSON.parse(readFileSync(new URL('objects.json', folder), 'utf8'));
const vectors = JSON.parse(readFileSync(new URL('vectors.json', folder), 'utf8'));

const camel = (/** @type {string} */ name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const NO_KINDS = ['RECORDS', 'versioned', 'read', 'tryRead', 'tickSpec'];
/** Every object, by its name in the CDDL; the kinds of anchor are one. @type {Map<string, import('../src/fields.js').Kind<any>[]>} */
const kinds = new Map();
for (const [name, kind] of Object.entries({ ...objects, ...messages })) {
  if (NO_KINDS.includes(name)) continue;
  const cddl = name.endsWith('Anchor') ? 'anchor' : name;
  kinds.set(cddl, [...(kinds.get(cddl) ?? []), /** @type {any} */ (kind)]);
}

test('every vector is read as its object and as no other, and encoded again as it was', () => {
  assert.ok(listed.length > 90);
  for (const { object, hex: encoded } of listed) {
    const bytes = fromHex(encoded);
    const accepted = [...kinds].filter(([, list]) => list.some((kind) => objects.tryRead(kind, bytes) !== null)).map(([name]) => name);
    assert.deepEqual(accepted, [camel(object)], encoded);
    assert.equal(hex(encode(decode(bytes))), encoded);
  }
});

test('every vector that is one byte longer or shorter is refused', () => {
  for (const { hex: encoded } of listed) {
    const bytes = fromHex(encoded);
    for (const wrong of [bytes.slice(0, -1), concat(bytes, Uint8Array.of(0))]) assert.throws(() => decode(wrong));
  }
});

const presence = fromHex(vectors.presence.payload);
const commit = fromHex(vectors.commit.payload);

test('what a card signs, for each algorithm and form', async () => {
  const object = objects.read(objects.presence, presence);
  assert.equal(await shaHex(presenceTbs(presence, -257)), vectors.presence.digest);
  assert.equal(await shaHex(presenceTbs(presence, -37)), vectors.pss.digest);
  assert.equal(hex(await digest('SHA-384', presenceTbs(presence, -35))), vectors['card-digests'].presence_E_p384);
  const mutual = { ...object, ea: 3 };
  assert.equal(await shaHex(await cardMessage(presence, mutual, -257)), vectors['card-digests'].card_ea_C);
  assert.equal(hex(await digest('SHA-384', await cardMessage(presence, mutual, -35))), vectors['card-digests'].card_ea_C_p384);
});

test('the PSS signature of the vectors holds, and not under PKCS#1', async () => {
  const modulus = BigInt(vectors['rsa-key'].p) * BigInt(vectors['rsa-key'].q);
  const key = readKey(seq(seq(oid('1.2.840.113549.1.1.1'), nothing), bits(seq(integer(modulus), integer(65537)))));
  assert.ok(key);
  const signature = fromHex(vectors.pss.sig);
  assert.equal(await verifyWith(-37, key, presenceTbs(presence, -37), signature), true);
  assert.equal(await verifyWith(-257, key, presenceTbs(presence, -37), signature), false);
  const raised = fromBigInt(BigInt(`0x${vectors.pss.sig}`) + modulus, 257).subarray(1);
  assert.equal(await verifyWith(-37, key, presenceTbs(presence, -37), raised), false);
});

test('hashes that join objects', async () => {
  assert.equal(await shaHex(commit), vectors.joined.evid);
  assert.equal(await shaHex(toBeSigned('se', headerOf(-7), commit)), vectors.commit.sig_structure_sha256);
  const [ts1, act, ts2] = await Promise.all(['ts1', 'act', 'ts2'].map((name) => sha(fromHex(vectors[name].payload))));
  assert.equal(await shaHex(encode([ts1, await sha(utf8('tst')), act, ts2])), vectors.joined.anchor_h);
  assert.equal(await shaHex(fromHex(vectors.more.trust_list)), vectors.more.policy_id);
  assert.equal((await shaHex(fromHex(vectors.more.tpm_record))).slice(0, 32), vectors.more.tpm_record_sn);
});
