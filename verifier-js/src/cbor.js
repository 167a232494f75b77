/**
 * Deterministic CBOR (formats.md 1): every value has exactly one encoding, and nothing else is read.
 *
 * Unsigned and negative integers are `bigint`, so that 64 bits fit.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {bigint | Bytes | string | boolean | null | any[] | CborMap} Item
 * @typedef {Map<bigint, any>} CborMap
 */
import { compare, concat, textOf, utf8 } from './bytes.js';

const DEEPEST = 12;

/** Bytes that are not the one encoding of anything. */
export class CborError extends Error {}

/** The one item that `bytes` hold; throws {@link CborError} otherwise. @param {Bytes} bytes @returns {Item} */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const item = reader.item(0);
  if (reader.at !== bytes.length) throw new CborError(`${bytes.length - reader.at} bytes after the item`);
  return item;
}

class Reader {
  /** @param {Bytes} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} depth arrays and maps around this item @returns {Item} */
  item(depth) {
    if (depth > DEEPEST) throw new CborError('nested too deep');
    const { major, argument, info } = this.head();
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1n - argument;
      case 2:
        return this.take(argument);
      case 3:
        return this.text(argument);
      case 4:
        return this.array(argument, depth);
      case 5:
        return this.map(argument, depth);
      case 7:
        return simple(info);
      default:
        throw new CborError('a tag');
    }
  }

  head() {
    const [first] = this.take(1n);
    const major = first >> 5;
    const info = first & 0x1f;
    if (info < 24) return { major, info, argument: BigInt(info) };
    if (info > 27) throw new CborError(info === 31 ? 'indefinite length' : 'reserved head');
    if (major === 7) throw new CborError('a float or long simple value');
    const size = 1 << (info - 24);
    let argument = 0n;
    for (const byte of this.take(BigInt(size))) argument = (argument << 8n) | BigInt(byte);
    const least = size === 1 ? 24n : 1n << BigInt(4 * size);
    if (argument < least) throw new CborError('a longer head than needed');
    return { major, info, argument };
  }

  /** @param {bigint} length @returns {Bytes} */
  take(length) {
    if (length > BigInt(this.bytes.length - this.at)) throw new CborError('ends too early');
    const from = this.at;
    this.at += Number(length);
    return this.bytes.subarray(from, this.at);
  }

  /** @param {bigint} length */
  text(length) {
    const bytes = this.take(length);
    try {
      return textOf(bytes);
    } catch {
      throw new CborError('text that is not UTF-8');
    }
  }

  /** @param {bigint} length @param {number} depth */
  array(length, depth) {
    /** @type {Item[]} */
    const items = [];
    for (let i = 0n; i < length; i += 1n) items.push(this.item(depth + 1));
    return items;
  }

  /** @param {bigint} length @param {number} depth */
  map(length, depth) {
    /** @type {CborMap} */
    const map = new Map();
    /** @type {Bytes | null} */
    let before = null;
    for (let i = 0n; i < length; i += 1n) {
      const from = this.at;
      const key = this.item(depth + 1);
      const encoded = this.bytes.subarray(from, this.at);
      if (before && compare(before, encoded) >= 0) throw new CborError('map keys out of order');
      before = encoded;
      map.set(/** @type {bigint} */ (key), this.item(depth + 1));
    }
    return map;
  }
}

/** @param {number} info */
function simple(info) {
  if (info === 20) return false;
  if (info === 21) return true;
  if (info === 22) return null;
  throw new CborError('a simple value other than false, true and nil');
}

/** The one encoding of `item`. @param {Item} item @returns {Bytes} */
export function encode(item) {
  if (typeof item === 'bigint') return item < 0n ? head(1, -1n - item) : head(0, item);
  if (item === null) return Uint8Array.of(0xf6);
  if (typeof item === 'boolean') return Uint8Array.of(item ? 0xf5 : 0xf4);
  if (typeof item === 'string') return counted(3, utf8(item));
  if (item instanceof Uint8Array) return counted(2, item);
  if (Array.isArray(item)) return concat(head(4, BigInt(item.length)), ...item.map(encode));
  const entries = [...item].map(([key, value]) => ({ key: encode(key), value: encode(value) }));
  entries.sort((a, b) => compare(a.key, b.key));
  return concat(head(5, BigInt(entries.length)), ...entries.flatMap(({ key, value }) => [key, value]));
}

/** @param {number} major @param {Bytes} bytes */
function counted(major, bytes) {
  return concat(head(major, BigInt(bytes.length)), bytes);
}

/** @param {number} major @param {bigint} argument */
function head(major, argument) {
  if (argument < 24n) return Uint8Array.of((major << 5) | Number(argument));
  const info = [24, 25, 26, 27].find((candidate) => argument < 1n << BigInt(8 << (candidate - 24)));
  if (info === undefined) throw new CborError('a number of more than 64 bits');
  const size = 1 << (info - 24);
  const bytes = new Uint8Array(1 + size);
  bytes[0] = (major << 5) | info;
  for (let i = size, rest = argument; i > 0; i -= 1, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}
