/**
 * Strict DER (formats.md 6.1): one-byte tags, shortest definite lengths, nothing after the end of a structure.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {{ tag: number, content: Bytes, raw: Bytes }} Element raw = tag, length and content
 */
import { compare, hex, toBigInt } from './bytes.js';

/** Bytes that are not the DER that was expected. */
export class DerError extends Error {}

export const TAG = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, null: 0x05, oid: 0x06, enumerated: 0x0a,
  utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31,
};

/** Constructed context tag [n]. @param {number} n */
export const explicit = (n) => 0xa0 | n;
/** Primitive context tag [n]. @param {number} n */
export const implicit = (n) => 0x80 | n;

/** Reads the elements of some content from left to right. */
export class Der {
  /** @param {Bytes} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get done() {
    return this.at === this.bytes.length;
  }

  /** Tag of the next element, or −1 at the end. */
  get next() {
    return this.done ? -1 : this.bytes[this.at];
  }

  /** The next element, which must have `tag` if one is given. @param {number} [tag] @returns {Element} */
  take(tag) {
    const from = this.at;
    const found = this.byte();
    if ((found & 0x1f) === 0x1f) throw new DerError('a tag of several bytes');
    if (tag !== undefined && found !== tag) throw new DerError(`tag ${found}, expected ${tag}`);
    const length = this.length();
    if (length > this.bytes.length - this.at) throw new DerError('ends too early');
    const content = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return { tag: found, content, raw: this.bytes.subarray(from, this.at) };
  }

  /** The next element if it has `tag`, else null. @param {number} tag */
  optional(tag) {
    return this.next === tag ? this.take(tag) : null;
  }

  /** A reader of the next element's content. @param {number} [tag] */
  enter(tag = TAG.sequence) {
    return new Der(this.take(tag).content);
  }

  /** Nothing may follow. */
  end() {
    if (!this.done) throw new DerError('more than expected');
  }

  /** All elements that are left. @param {number} [tag] */
  rest(tag) {
    const elements = [];
    while (!this.done) elements.push(this.take(tag));
    return elements;
  }

  /** INTEGER that is not negative. @param {number} [tag] */
  unsigned(tag = TAG.integer) {
    return integerOf(this.take(tag).content);
  }

  /** BOOLEAN DEFAULT FALSE. */
  flag() {
    const element = this.optional(TAG.boolean);
    if (!element) return false;
    if (element.content.length !== 1 || element.content[0] !== 0xff) throw new DerError('a BOOLEAN that is not written so');
    return true;
  }

  /** BIT STRING without unused bits. */
  bits() {
    const { content } = this.take(TAG.bitString);
    if (content.length === 0 || content[0] !== 0) throw new DerError('a BIT STRING with unused bits');
    return content.subarray(1);
  }

  /** OBJECT IDENTIFIER in dotted form. */
  oid() {
    return oidOf(this.take(TAG.oid).content);
  }

  byte() {
    if (this.done) throw new DerError('ends too early');
    const byte = this.bytes[this.at];
    this.at += 1;
    return byte;
  }

  length() {
    const first = this.byte();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size === 0 || size > 4) throw new DerError('an indefinite or huge length');
    let length = 0;
    for (let i = 0; i < size; i += 1) length = length * 256 + this.byte();
    const least = size === 1 ? 0x80 : 256 ** (size - 1);
    if (length < least) throw new DerError('a longer length than needed');
    return length;
  }
}

/** The one element that `bytes` hold. @param {Bytes} bytes @param {number} [tag] */
export function single(bytes, tag) {
  const reader = new Der(bytes);
  const element = reader.take(tag);
  reader.end();
  return element;
}

/** A reader of the content of the one element that `bytes` hold. @param {Bytes} bytes @param {number} [tag] */
export function open(bytes, tag = TAG.sequence) {
  return new Der(single(bytes, tag).content);
}

/** @param {Bytes} content */
export function integerOf(content) {
  if (content.length === 0) throw new DerError('an empty INTEGER');
  if (content[0] >= 0x80) throw new DerError('a negative INTEGER');
  if (content.length > 1 && content[0] === 0 && content[1] < 0x80) throw new DerError('a longer INTEGER than needed');
  return toBigInt(content);
}

/** Dotted form of an OBJECT IDENTIFIER; contents that have none stay hex, which equals no dotted form. @param {Bytes} content */
export function oidOf(content) {
  const shortest = content.every((byte, i) => byte !== 0x80 || (i > 0 && content[i - 1] >= 0x80));
  if (content.length === 0 || content[content.length - 1] >= 0x80 || !shortest) return `x${hex(content)}`;
  const arcs = [];
  let arc = 0n;
  for (const byte of content) {
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const first = arcs[0] < 80n ? arcs[0] / 40n : 2n;
  return [first, arcs[0] - 40n * first, ...arcs.slice(1)].join('.');
}

/** Whether the encodings ascend strictly, as in a DER SET OF. @param {Element[]} elements */
export function ascending(elements) {
  return elements.every((element, i) => i === 0 || compare(elements[i - 1].raw, element.raw) < 0);
}
