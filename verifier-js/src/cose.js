/**
 * COSE_Sign1 as this project writes it (formats.md 2.1 to 2.3).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./crypto.js').PublicKey} PublicKey
 * @typedef {{ protectedBytes: Bytes, alg: number, kid: Bytes | null, payload: Bytes, signature: Bytes }} Sign1
 */
import { CborError, decode, encode } from './cbor.js';
import { concat, utf8 } from './bytes.js';
import { verify } from './crypto.js';
import { algorithm, bytes } from './fields.js';

/** Contexts whose objects carry a key id; the others must not. */
const WITH_KEY_ID = ['inject', 'binding', 'receipt', 'verdict', 'ref', 'visit', 'elig', 'link', 'rev', 'beacon', 'cap'];

/** The message, whatever its context; throws a CborError. @param {Bytes} encoded @returns {Sign1} */
export function parse(encoded) {
  const item = decode(encoded);
  if (!Array.isArray(item) || item.length !== 4) throw new CborError('expected an array of 4');
  const [protectedBytes, unprotected, payload, signature] = item;
  if (!(unprotected instanceof Map) || unprotected.size !== 0) throw new CborError('expected an empty unprotected header');
  const [header, body, sig] = [protectedBytes, payload, signature].map(bytes());
  return { protectedBytes: header, ...readHeader(header), payload: body, signature: sig };
}

/** As {@link parse}, or null: for a payload whose signature does not matter. @param {Bytes} encoded */
export function tryParse(encoded) {
  try {
    return parse(encoded);
  } catch {
    return null;
  }
}

/** As {@link parse}, and the key id is there exactly if the context wants one. @param {Bytes} encoded @param {string} context */
export function parseFor(encoded, context) {
  const message = parse(encoded);
  if ((message.kid !== null) !== WITH_KEY_ID.includes(context)) throw new CborError('a key id in the wrong place');
  return message;
}

/** As {@link parseFor}, or null. @param {Bytes} encoded @param {string} context */
export function tryParseFor(encoded, context) {
  try {
    return parseFor(encoded, context);
  } catch {
    return null;
  }
}

/** @param {Bytes} header */
function readHeader(header) {
  const map = decode(header);
  if (!(map instanceof Map) || !map.has(1n)) throw new CborError('expected a header with an algorithm');
  const alg = algorithm(/** @type {import('./cbor.js').Item} */ (map.get(1n)));
  if (map.size === 1) return { alg, kid: null };
  if (map.size !== 2 || !map.has(4n)) throw new CborError('expected a header with nothing but algorithm and key id');
  return { alg, kid: bytes(8, 8)(/** @type {import('./cbor.js').Item} */ (map.get(4n))) };
}

/** What is signed. @param {string} context @param {Bytes} protectedBytes @param {Bytes} payload */
export function toBeSigned(context, protectedBytes, payload) {
  return encode(['Signature1', protectedBytes, concat(utf8('jushin/1/'), utf8(context)), payload]);
}

/** The protected header that holds an algorithm alone. @param {number} alg */
export function headerOf(alg) {
  return encode(new Map([[1n, BigInt(alg)]]));
}

/** Whether the signature holds under the key. @param {Sign1} message @param {string} context @param {PublicKey} key */
export function holds(message, context, key) {
  return verifyWith(message.alg, key, toBeSigned(context, message.protectedBytes, message.payload), message.signature);
}

/** Whether `signature` by the algorithm `alg` over `data` holds; false if the key does not fit. @param {number} alg @param {PublicKey} key @param {Bytes} data @param {Bytes} signature */
export async function verifyWith(alg, key, data, signature) {
  if (alg === -7 && key.family === 'P-256') return verify(key, 'ecdsa', 'SHA-256', data, signature);
  if (alg === -35 && key.family === 'P-384') return verify(key, 'ecdsa', 'SHA-384', data, signature);
  if (key.family !== 'rsa' || key.bits !== 2048) return false;
  if (alg === -257) return verify(key, 'pkcs1', 'SHA-256', data, signature);
  if (alg === -37) return verify(key, 'pss', 'SHA-256', data, signature);
  return false;
}

/**
 * The first of `keys` under which the message holds, or null.
 *
 * @template {{ key: PublicKey }} K
 * @param {Sign1} message
 * @param {string} context
 * @param {K[]} keys
 */
export async function signerAmong(message, context, keys) {
  for (const candidate of keys) {
    if (await holds(message, context, candidate.key)) return candidate;
  }
  return null;
}
