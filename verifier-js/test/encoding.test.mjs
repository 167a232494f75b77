import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBase64, fromHex, hex, utf8 } from '../src/bytes.js';
import { CborError, decode, encode } from '../src/cbor.js';
import { tryParse, tryParseFor } from '../src/cose.js';
import { Der, DerError, integerOf, oidOf, single } from '../src/der.js';
import { parseJson } from '../src/json.js';
import { certificateTime, fractionalTime, generalizedTime } from '../src/times.js';
import { tlv } from '../testing/der-writer.js';

const REFUSED_CBOR = {
  'a head of two bytes for a small number': '1817', 'a head of three bytes for a byte': '1900ff', 'a head of five bytes': '1a0000ffff',
  'a head of nine bytes': '1b00000000ffffffff', 'a longer head of a text': '780161', 'an indefinite array': '9fff', 'a reserved head': '1c',
  'a tag': 'c000', 'a half float': 'f90000', 'a double': 'fb0000000000000000', undefined: 'f7', 'a long simple value': 'f820',
  'keys out of order': 'a202000100', 'a key twice': 'a201000100', 'text that is not UTF-8': '61ff', 'a surrogate': '63eda080',
  'too deep': `${'81'.repeat(13)}00`, 'nothing at all': '', 'bytes after it': '0000', 'half an item': '4201', 'a huge array': '9bffffffffffffffff',
};

for (const [what, bytes] of Object.entries(REFUSED_CBOR)) {
  test(`CBOR is refused: ${what}`, () => assert.throws(() => decode(fromHex(bytes)), CborError));
}

test('CBOR is read and written the same', () => {
  for (const bytes of ['00', '17', '1818', '1bffffffffffffffff', '20', '3bffffffffffffffff', '40', '60', '80', 'a0', 'f4f5'.slice(0, 2), 'f6', `${'81'.repeat(12)}00`, 'a10126']) {
    assert.equal(hex(encode(decode(fromHex(bytes)))), bytes);
  }
});

test('a key id is wanted under some contexts, refused under others, and no matter for a payload', () => {
  const plain = encode([fromHex('a10126'), new Map(), utf8('x'), utf8('y')]);
  const named = encode([encode(new Map([[1n, -7n], [4n, /** @type {any} */ (new Uint8Array(8))]])), new Map(), utf8('x'), utf8('y')]);
  assert.ok(tryParseFor(plain, 'se') && !tryParseFor(plain, 'binding'));
  assert.ok(tryParseFor(named, 'binding') && !tryParseFor(named, 'se'));
  assert.ok(tryParse(named) && tryParse(plain));
});

const REFUSED_DER = {
  'a long length for a short content': '0481010a'.slice(0, 6) + '00', 'an indefinite length': '30800000', 'a length of five bytes': '048500000000ff',
  'a tag of several bytes': '1f0100', 'an end too early': '040201', 'something after it': '0401000500',
};
for (const [what, bytes] of Object.entries(REFUSED_DER)) {
  test(`DER is refused: ${what}`, () => assert.throws(() => single(fromHex(bytes)), DerError));
}

test('numbers, flags and identifiers have one form', () => {
  for (const content of ['', '80', '0001']) assert.throws(() => new Der(tlv(2, fromHex(content))).unsigned(), DerError);
  assert.equal(integerOf(fromHex('0080')), 128n);
  for (const flag of ['010100', '010101']) assert.throws(() => new Der(fromHex(flag)).flag(), DerError);
  assert.equal(oidOf(fromHex('69c9cd8d66')), '2.25.154355430');
  for (const content of ['', '80', '2a80', '2a8001']) assert.equal(oidOf(fromHex(content)), `x${content}`);
});

test('times have one form and exist', () => {
  const time = (/** @type {number} */ tag, /** @type {string} */ text) => single(tlv(tag, utf8(text)));
  assert.equal(certificateTime(time(0x17, '500101000000Z')), BigInt(Date.UTC(1950, 0, 1)));
  assert.equal(certificateTime(time(0x17, '491231235959Z')), BigInt(Date.UTC(2049, 11, 31, 23, 59, 59)));
  assert.equal(certificateTime(time(0x18, '20500101000000Z')), BigInt(Date.UTC(2050, 0, 1)));
  for (const [tag, text] of /** @type {[number, string][]} */ ([
    [0x17, '260229000000Z'], [0x17, '260101000060Z'], [0x17, '2601010000Z'], [0x17, '260101000000+0000'], [0x18, '20490101000000Z'], [0x18, '20500101000000.5Z'],
  ])) assert.throws(() => certificateTime(time(tag, text)), DerError, text);
  assert.deepEqual(fractionalTime(time(0x18, '19700101000001.2345Z')), { at: 1234n, digits: 4 });
  for (const text of ['19700101000001.Z', '19700101000001.50Z', '19700101000001,5Z']) assert.throws(() => fractionalTime(time(0x18, text)), DerError, text);
  assert.throws(() => generalizedTime(time(0x17, '260101000000Z')), DerError);
});

test('base64 and JSON are strict', () => {
  assert.equal(hex(fromBase64('AA==\n')), '00');
  for (const text of ['AA', 'AB==', 'A===', 'AAA=A', 'A-==', '====']) assert.throws(() => fromBase64(text), text);
  for (const text of ['', '{', '{"a":1,}', '[1,]', '01', '1.', '"\\x"', '"a', 'nul', '{"a" 1}', '1 2', '"\t"']) assert.throws(() => parseJson(text), text);
  assert.deepEqual(parseJson(' [1, {"a": null}, "\\u00e9", -1.5e3, []] ')?.constructor, Array);
});
