/**
 * Public keys and signature algorithms in certificates, tokens, CRLs and OCSP responses (formats.md 6.2).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./crypto.js').PublicKey} PublicKey
 * @typedef {{ oid: string, parameters: import('./der.js').Element | null }} Algorithm
 */
import { concat, fromBigInt, hex } from './bytes.js';
import { coordinateSize, onCurve, verify } from './crypto.js';
import { Der, TAG, explicit, open, single } from './der.js';

const RSA = '1.2.840.113549.1.1.1';
const PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const EC = '1.2.840.10045.2.1';
const CURVES = /** @type {const} */ ({ '1.2.840.10045.3.1.7': 'P-256', '1.3.132.0.34': 'P-384' });
const RSA_WITH = /** @type {const} */ ({ '1.2.840.113549.1.1.11': 'SHA-256', '1.2.840.113549.1.1.12': 'SHA-384', '1.2.840.113549.1.1.13': 'SHA-512' });
const ECDSA_WITH = /** @type {const} */ ({ '1.2.840.10045.4.3.2': 'SHA-256', '1.2.840.10045.4.3.3': 'SHA-384', '1.2.840.10045.4.3.4': 'SHA-512' });
const HASHES = /** @type {const} */ ({ '2.16.840.1.101.3.4.2.1': 'SHA-256', '2.16.840.1.101.3.4.2.2': 'SHA-384', '2.16.840.1.101.3.4.2.3': 'SHA-512' });

/** AlgorithmIdentifier. @param {Der} content @returns {Algorithm} */
export function readAlgorithm(content) {
  const oid = content.oid();
  const parameters = content.done ? null : content.take();
  content.end();
  return { oid, parameters };
}

/** @param {Algorithm} algorithm */
function hasNull(algorithm) {
  return algorithm.parameters !== null && hex(algorithm.parameters.raw) === '0500';
}

/** Whether the parameters of a digest algorithm are absent or NULL. @param {Algorithm} algorithm */
export function hasUsualParameters(algorithm) {
  return algorithm.parameters === null || hasNull(algorithm);
}

/** SHA-2 of a digest AlgorithmIdentifier whose parameters are absent or NULL, else null. @param {Algorithm} algorithm */
export function readHash(algorithm) {
  if (!hasUsualParameters(algorithm)) return null;
  return HASHES[/** @type {keyof typeof HASHES} */ (algorithm.oid)] ?? null;
}

/** Key of a DER SubjectPublicKeyInfo: null if it is well-formed but of no kind that is used here; throws if malformed. @param {Bytes} spki @returns {PublicKey | null} */
export function readKey(spki) {
  const content = open(spki);
  const algorithm = readAlgorithm(content.enter());
  const bits = content.bits();
  content.end();
  try {
    if (algorithm.oid === RSA && hasNull(algorithm)) return readRsa(spki, bits);
    if (algorithm.oid === EC && algorithm.parameters) return readPoint(spki, new Der(algorithm.parameters.raw).oid(), bits);
    return null;
  } catch {
    return null;
  }
}

/** @param {Bytes} spki @param {Bytes} bits @returns {PublicKey | null} */
function readRsa(spki, bits) {
  const content = open(bits);
  const modulus = content.unsigned();
  const exponent = content.unsigned();
  content.end();
  const length = modulus.toString(2).length;
  if (exponent !== 65537n || length < 2048 || length > 4096 || modulus % 2n === 0n) return null;
  return { family: 'rsa', spki, modulus, bits: length };
}

/** @param {Bytes} spki @param {string} curve @param {Bytes} point @returns {PublicKey | null} */
function readPoint(spki, curve, point) {
  const family = CURVES[/** @type {keyof typeof CURVES} */ (curve)];
  return family && onCurve(family, point) ? { family, spki } : null;
}

/** Signature in a certificate, CRL or OCSP response. @param {PublicKey} key @param {Algorithm} algorithm @param {Bytes} data @param {Bytes} signature */
export async function verifyX509(key, algorithm, data, signature) {
  if (key.family === 'rsa') {
    const rsa = rsaScheme(algorithm);
    return rsa !== null && verify(key, rsa.scheme, rsa.hash, data, signature);
  }
  const hash = ecdsaHash(algorithm);
  return hash === (key.family === 'P-256' ? 'SHA-256' : 'SHA-384') && verifyEcdsa(key, hash, data, signature);
}

/** Signature in a CMS SignerInfo, whose digest is known beforehand; parameters of rsaEncryption and ECDSA are not looked at. @param {PublicKey} key @param {Algorithm} algorithm @param {import('./crypto.js').Hash} hash @param {Bytes} data @param {Bytes} signature */
export async function verifyCms(key, algorithm, hash, data, signature) {
  if (key.family !== 'rsa') return ecdsaHash({ ...algorithm, parameters: null }) === hash && verifyEcdsa(key, hash, data, signature);
  if (algorithm.oid === RSA) return verify(key, 'pkcs1', hash, data, signature);
  const rsa = rsaScheme(algorithm);
  return rsa?.hash === hash && verify(key, rsa.scheme, hash, data, signature);
}

/** @param {Algorithm} algorithm @returns {{ scheme: 'pkcs1' | 'pss', hash: import('./crypto.js').Hash } | null} */
function rsaScheme(algorithm) {
  if (algorithm.oid === PSS) return isPss(algorithm) ? { scheme: 'pss', hash: 'SHA-256' } : null;
  const hash = RSA_WITH[/** @type {keyof typeof RSA_WITH} */ (algorithm.oid)];
  return hash && hasNull(algorithm) ? { scheme: 'pkcs1', hash } : null;
}

/** @param {Algorithm} algorithm */
function ecdsaHash(algorithm) {
  return algorithm.parameters ? null : (ECDSA_WITH[/** @type {keyof typeof ECDSA_WITH} */ (algorithm.oid)] ?? null);
}

/** RSASSA-PSS with SHA-256, MGF1-SHA-256, salt 32, default trailer and nothing else. @param {Algorithm} algorithm */
function isPss(algorithm) {
  try {
    const content = open(/** @type {import('./der.js').Element} */ (algorithm.parameters).raw);
    const hash = readAlgorithm(open(content.take(explicit(0)).content));
    const mask = readAlgorithm(open(content.take(explicit(1)).content));
    const salt = single(content.take(explicit(2)).content, TAG.integer);
    content.end();
    const maskHash = readAlgorithm(open(/** @type {import('./der.js').Element} */ (mask.parameters).raw));
    const alike = readHash(hash) === 'SHA-256' && readHash(maskHash) === 'SHA-256' && hasNull(hash) === hasNull(maskHash);
    return alike && mask.oid === MGF1 && hex(salt.raw) === '020120';
  } catch {
    return false;
  }
}

/** @param {import('./crypto.js').EcKey} key @param {import('./crypto.js').Hash} hash @param {Bytes} data @param {Bytes} signature DER */
async function verifyEcdsa(key, hash, data, signature) {
  let pair;
  try {
    const content = open(signature);
    pair = [content.unsigned(), content.unsigned()];
    content.end();
  } catch {
    return false;
  }
  const size = coordinateSize(key);
  if (pair.some((part) => part >= 1n << BigInt(8 * size))) return false;
  return verify(key, 'ecdsa', hash, data, concat(...pair.map((part) => fromBigInt(part, size))));
}
