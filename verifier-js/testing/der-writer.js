/**
 * Writes DER, for certificates and tokens that tests make themselves.
 *
 * @typedef {import('../src/bytes.js').Bytes} Bytes
 */
import { concat, fromHex, utf8 } from '../src/bytes.js';

/** @param {number} tag @param {...Bytes} parts @returns {Bytes} */
export function tlv(tag, ...parts) {
  const content = concat(...parts);
  const size = content.length;
  if (size < 0x80) return concat(Uint8Array.of(tag, size), content);
  const length = size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return concat(Uint8Array.of(tag, ...length), content);
}

export const seq = (/** @type {Bytes[]} */ ...parts) => tlv(0x30, ...parts);
export const set = (/** @type {Bytes[]} */ ...parts) => tlv(0x31, ...parts);
export const octets = (/** @type {Bytes[]} */ ...parts) => tlv(0x04, ...parts);
export const bits = (/** @type {Bytes} */ bytes, unused = 0) => tlv(0x03, Uint8Array.of(unused), bytes);
export const yes = fromHex('0101ff');
export const nothing = fromHex('0500');

/** @param {bigint | number} value not negative */
export function integer(value, tag = 0x02) {
  let digits = BigInt(value).toString(16);
  if (digits.length % 2 === 1) digits = `0${digits}`;
  return tlv(tag, fromHex(/^[89a-f]/.test(digits) ? `00${digits}` : digits));
}

/** @param {string} dotted */
export function oid(dotted) {
  const [first, second, ...rest] = dotted.split('.').map(BigInt);
  const bytes = [first * 40n + second, ...rest].flatMap((arc) => {
    const groups = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 0x7fn) | 0x80);
    return groups;
  });
  return tlv(0x06, Uint8Array.from(bytes));
}

/** @param {number} ms */
const stamp = (ms) => new Date(ms).toISOString().replace(/[-:T]/g, '');

/** UTCTime. @param {number} ms */
export const utc = (ms) => tlv(0x17, utf8(`${stamp(ms).slice(2, 14)}Z`));

/** GeneralizedTime with `fraction` digits (`''` or `'.5'`). @param {number} ms */
export const generalized = (ms, fraction = '') => tlv(0x18, utf8(`${stamp(ms).slice(0, 14)}${fraction}Z`));

/** A name with one common name. @param {string} text */
export const name = (text) => seq(set(seq(oid('2.5.4.3'), tlv(0x0c, utf8(text)))));
