/**
 * Hashes and signatures (formats.md 2.2, 6.2). WebCrypto does the arithmetic; lengths and ranges are checked here,
 * because libraries differ in them.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'} Hash
 * @typedef {'pkcs1' | 'pss' | 'ecdsa'} Scheme
 * @typedef {{ family: 'rsa', spki: Bytes, modulus: bigint, bits: number }} RsaKey
 * @typedef {{ family: 'P-256' | 'P-384', spki: Bytes }} EcKey
 * @typedef {RsaKey | EcKey} PublicKey
 */
import { hex, toBigInt } from './bytes.js';

const subtle = globalThis.crypto.subtle;

/** @param {Hash} hash @param {Bytes} bytes @returns {Promise<Bytes>} */
export async function digest(hash, bytes) {
  return new Uint8Array(await subtle.digest(hash, bytes));
}

/** SHA-256. @param {Bytes} bytes */
export function sha(bytes) {
  return digest('SHA-256', bytes);
}

/** SHA-256 in hex: what the maps of this verifier are keyed by. @param {Bytes} bytes */
export async function shaHex(bytes) {
  return hex(await sha(bytes));
}

const ORDER = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384': 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

/** Bytes of r, and of s, on a curve. @param {EcKey} key */
export function coordinateSize(key) {
  return key.family === 'P-256' ? 32 : 48;
}

/** Whether `signature` by `key` over `data` holds. ECDSA signatures are r‖s. @param {PublicKey} key @param {Scheme} scheme @param {Hash} hash @param {Bytes} data @param {Bytes} signature */
export async function verify(key, scheme, hash, data, signature) {
  if ((key.family === 'rsa') !== (scheme !== 'ecdsa')) return false;
  if (!(key.family === 'rsa' ? inRange(key, signature) : rsInRange(key, signature))) return false;
  const imported = await importKey(key, scheme, hash);
  /** @type {AlgorithmIdentifier | RsaPssParams | EcdsaParams} */
  let how = 'RSASSA-PKCS1-v1_5';
  if (scheme === 'pss') how = { name: 'RSA-PSS', saltLength: 32 };
  if (scheme === 'ecdsa') how = { name: 'ECDSA', hash };
  return subtle.verify(how, imported, signature, data);
}

/** @param {RsaKey} key @param {Bytes} signature */
function inRange(key, signature) {
  return signature.length === Math.ceil(key.bits / 8) && toBigInt(signature) < key.modulus;
}

/** @param {EcKey} key @param {Bytes} signature */
function rsInRange(key, signature) {
  const size = coordinateSize(key);
  if (signature.length !== 2 * size) return false;
  const parts = [signature.subarray(0, size), signature.subarray(size)].map(toBigInt);
  return parts.every((part) => part >= 1n && part < ORDER[key.family]);
}

/** @type {WeakMap<PublicKey, Map<string, Promise<CryptoKey>>>} */
const imports = new WeakMap();

/** @param {PublicKey} key @param {Scheme} scheme @param {Hash} hash */
function importKey(key, scheme, hash) {
  const known = imports.get(key) ?? new Map();
  imports.set(key, known);
  const use = scheme === 'ecdsa' ? scheme : `${scheme} ${hash}`;
  let imported = known.get(use);
  if (!imported) {
    const name = scheme === 'pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
    const algorithm = key.family === 'rsa' ? { name, hash } : { name: 'ECDSA', namedCurve: key.family };
    imported = subtle.importKey('spki', key.spki, algorithm, false, ['verify']);
    known.set(use, imported);
  }
  return /** @type {Promise<CryptoKey>} */ (imported);
}

const CURVES = {
  'P-256': { p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n, b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn },
  'P-384': {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
};

/** Whether an uncompressed point (04 ‖ x ‖ y) lies on the curve. @param {'P-256' | 'P-384'} family @param {Bytes} point */
export function onCurve(family, point) {
  const { p, b } = CURVES[family];
  const size = (point.length - 1) / 2;
  if (point[0] !== 4 || size !== (family === 'P-256' ? 32 : 48)) return false;
  const x = toBigInt(point.subarray(1, 1 + size));
  const y = toBigInt(point.subarray(1 + size));
  return x < p && y < p && (y * y - (x * x * x - 3n * x + b)) % p === 0n;
}
