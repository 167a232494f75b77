/**
 * Byte strings: the few operations that every other file needs.
 *
 * @typedef {Uint8Array<ArrayBuffer>} Bytes
 */

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of `text`. @param {string} text @returns {Bytes} */
export function utf8(text) {
  return /** @type {Bytes} */ (encoder.encode(text));
}

/** Text of strict UTF-8; throws if it is not. @param {Bytes} bytes */
export function textOf(bytes) {
  return strictDecoder.decode(bytes);
}

/** @param {...Bytes} parts @returns {Bytes} */
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @param {Bytes} a @param {Bytes} b */
export function equal(a, b) {
  return a.length === b.length && compare(a, b) === 0;
}

/** Bytewise order; a prefix stands first. @param {Bytes} a @param {Bytes} b */
export function compare(a, b) {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex. @param {Bytes} bytes */
export function hex(bytes) {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** Bytes of lower- or upper-case hex without spaces. @param {string} text @returns {Bytes} */
export function fromHex(text) {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) throw new Error('not hex');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Big-endian unsigned number. @param {Bytes} bytes */
export function toBigInt(bytes) {
  return bytes.length === 0 ? 0n : BigInt(`0x${hex(bytes)}`);
}

/** Big-endian, left-padded to `length` bytes. @param {bigint} number @param {number} length */
export function fromBigInt(number, length) {
  return fromHex(number.toString(16).padStart(2 * length, '0'));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Strict base64: white space skipped, padding required, unused bits zero. @param {string} text @returns {Bytes} */
export function fromBase64(text) {
  const packed = text.replace(/[ \t\r\n\f]/g, '');
  const digits = packed.replace(/={0,2}$/, '');
  if (packed.length % 4 !== 0) throw new Error('base64 without its padding');
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    const value = ALPHABET.indexOf(digit);
    if (value < 0) throw new Error('a character outside base64');
    pending = ((pending << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (pending >> bits) & 0xff;
      at += 1;
    }
  }
  if ((pending & ((1 << bits) - 1)) !== 0) throw new Error('unused bits of base64 are not zero');
  return bytes;
}
