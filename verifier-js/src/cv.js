/**
 * CV certificates of institution keys (formats.md 7): 568 bytes of fixed layout.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {{ bytes: Bytes, issuerKeyId: Bytes, subjectKeyId: Bytes, body: Bytes, signature: Bytes, key: import('./crypto.js').RsaKey }} CvCertificate
 */
import { concat, equal, fromHex, toBigInt } from './bytes.js';
import { verify } from './crypto.js';

const SIZE = 568;
/** Bytes that never change, by offset. */
const FIXED = Object.entries({ 0: '7f21820233', 5: '5f4e820129', 42: '9003010001', 47: '91820100', 307: '5f37820100' });

/** The certificate, or null. @param {Bytes} bytes @returns {CvCertificate | null} */
export function parseCv(bytes) {
  if (bytes.length !== SIZE) return null;
  for (const [offset, expected] of FIXED) {
    const fixed = fromHex(expected);
    if (!equal(bytes.subarray(Number(offset), Number(offset) + fixed.length), fixed)) return null;
  }
  const modulus = bytes.subarray(51, 307);
  if (modulus[0] < 0x80 || modulus[255] % 2 === 0) return null;
  return {
    bytes,
    issuerKeyId: bytes.subarray(10, 26),
    subjectKeyId: bytes.subarray(26, 42),
    body: bytes.subarray(10, 307),
    signature: bytes.subarray(312),
    key: { family: 'rsa', spki: rsaSpki(modulus), modulus: toBigInt(modulus), bits: 2048 },
  };
}

/** SubjectPublicKeyInfo of an RSA-2048 key with e = 65537. @param {Bytes} modulus 256 bytes, highest bit set */
function rsaSpki(modulus) {
  return concat(fromHex('30820122300d06092a864886f70d01010105000382010f003082010a0282010100'), modulus, fromHex('0203010001'));
}

/** Institution code in the subject key id, or null. @param {CvCertificate} cv */
export function institutionOf({ subjectKeyId }) {
  const text = String.fromCharCode(...subjectKeyId.subarray(0, 11));
  return /^9[0-9]{10}$/.test(text) ? text.slice(1) : null;
}

/** Whether one of the authorities issued it. @param {CvCertificate} cv @param {CvCertificate[]} authorities */
export async function isIssued(cv, authorities) {
  for (const authority of authorities) {
    if (!equal(authority.issuerKeyId, authority.subjectKeyId) || !(await signed(authority, authority))) continue;
    if (equal(cv.issuerKeyId, authority.subjectKeyId) && (await signed(cv, authority))) return true;
  }
  return false;
}

/** @param {CvCertificate} cv @param {CvCertificate} authority */
function signed(cv, authority) {
  return verify(authority.key, 'pkcs1', 'SHA-256', cv.body, cv.signature);
}
