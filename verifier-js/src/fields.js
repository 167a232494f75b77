/**
 * Kinds of field (formats.md 1): a kind is a function that takes a CBOR item and gives the value, or throws.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./cbor.js').Item} Item
 */
import { CborError } from './cbor.js';

/**
 * @template T
 * @typedef {(item: Item) => T} Kind
 */

/**
 * @template {Record<string, Kind<any>>} F
 * @typedef {{ [K in keyof F]: ReturnType<F[K]> }} Fields
 */

/** @param {string} expected @returns {never} */
function refuse(expected) {
  throw new CborError(`expected ${expected}`);
}

/** Bytes of `least` to `most`. @param {number} [least] @param {number} [most] @returns {Kind<Bytes>} */
export function bytes(least = 0, most = Number.MAX_SAFE_INTEGER) {
  return (item) => {
    if (!(item instanceof Uint8Array)) return refuse('a byte string');
    return item.length >= least && item.length <= most ? item : refuse(`${least} to ${most} bytes`);
  };
}

/** Unsigned integer from `least` to `most`. @param {bigint} [least] @param {bigint} [most] @returns {Kind<bigint>} */
export function unsigned(least = 0n, most = 2n ** 64n - 1n) {
  return (item) => {
    if (typeof item !== 'bigint') return refuse('an unsigned integer');
    return item >= least && item <= most ? item : refuse(`${least} to ${most}`);
  };
}

/** A closed enumeration of small numbers. @param {number} least @param {number} most @returns {Kind<number>} */
export function choice(least, most) {
  const kind = unsigned(BigInt(least), BigInt(most));
  return (item) => Number(kind(item));
}

/** Text whose UTF-8 has `least` to `most` bytes. @param {number} [least] @param {number} [most] @returns {Kind<string>} */
export function text(least = 0, most = Number.MAX_SAFE_INTEGER) {
  return (item) => {
    if (typeof item !== 'string') return refuse('text');
    const length = new TextEncoder().encode(item).length;
    return length >= least && length <= most ? item : refuse(`text of ${least} to ${most} bytes`);
  };
}

/** Text of one shape. @param {RegExp} shape @returns {Kind<string>} */
export function shaped(shape) {
  return (item) => (typeof item === 'string' && shape.test(item) ? item : refuse(`text like ${shape}`));
}

/** @type {Kind<boolean>} */
export const bool = (item) => (typeof item === 'boolean' ? item : refuse('true or false'));

/** @template T @param {Kind<T>} kind @returns {Kind<T | null>} */
export function nilOr(kind) {
  return (item) => (item === null ? null : kind(item));
}

/** @template T @param {Kind<T>} kind @param {number} [least] @returns {Kind<T[]>} */
export function list(kind, least = 0) {
  return (item) => {
    if (!Array.isArray(item)) return refuse('a list');
    return item.length >= least ? item.map(kind) : refuse('a list that is not empty');
  };
}

/**
 * An array of named fields. `rule` says what is wrong between fields, or nothing.
 *
 * @template {Record<string, Kind<any>>} F
 * @param {F} fields
 * @param {(value: Fields<F>) => string | false | undefined} [rule]
 * @returns {Kind<Fields<F>>}
 */
export function array(fields, rule) {
  const names = Object.keys(fields);
  return (item) => {
    if (!Array.isArray(item) || item.length !== names.length) return refuse(`an array of ${names.length}`);
    const value = /** @type {Fields<F>} */ (Object.fromEntries(names.map((name, i) => [name, fields[name](item[i])])));
    const wrong = rule?.(value);
    return wrong ? refuse(wrong) : value;
  };
}

/** One number or text and nothing else. @param {bigint | string} constant @returns {Kind<null>} */
export function fixed(constant) {
  return (item) => (item === constant ? null : refuse(String(constant)));
}

export const h32 = bytes(32, 32);
export const id16 = bytes(16, 16);
export const uint = unsigned();
/** Institution code. */
export const inst = shaped(/^[0-9]{10}$/);
export const date = shaped(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/);
export const ticks = array({ tn: id16, count: uint });
export const pid = array({ scheme: choice(1, 3), epoch: uint, value: h32 });

const ALGORITHMS = [-7n, -8n, -35n, -37n, -257n];

/** Number of a signature algorithm. @type {Kind<number>} */
export const algorithm = (item) =>
  typeof item === 'bigint' && ALGORITHMS.includes(item) ? Number(item) : refuse('a known algorithm');
