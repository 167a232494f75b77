/**
 * Time-stamp tokens (RFC 3161; formats.md 8).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./certificate.js').Certificate} Certificate
 * @typedef {{ at: bigint, accuracy: bigint }} StampedTime g and a of formats.md 8, in ms
 * @typedef {import('./crypto.js').Hash} Hash
 */
import { concat, equal } from './bytes.js';
import { parseCertificate, readName } from './certificate.js';
import { digest } from './crypto.js';
import { Der, DerError, TAG, ascending, explicit, implicit, open, single } from './der.js';
import { readAlgorithm, readHash, verifyCms } from './keys.js';
import { findPath } from './path.js';
import { TIME_STAMPER } from './profiles.js';
import { fractionalTime } from './times.js';

const OID = {
  signedData: '1.2.840.113549.1.7.2', tstInfo: '1.2.840.113549.1.9.16.1.4', contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4', signingCertificate: '1.2.840.113549.1.9.16.2.47',
};
const LARGEST = 2n ** 64n - 1n;

/**
 * When the token says that `imprint` existed, or null if it does not hold.
 *
 * @param {Bytes} token
 * @param {Bytes} imprint SHA-256
 * @param {import('./trust.js').Trust} trust
 * @returns {Promise<StampedTime | null>}
 */
export async function verifyToken(token, imprint, trust) {
  try {
    return await verified(token, imprint, trust);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/** @param {Bytes} token @param {Bytes} imprint @param {import('./trust.js').Trust} trust */
async function verified(token, imprint, trust) {
  const { info: infoBytes, certificates, signer: signerInfo } = parseSignedData(token);
  const info = parseInfo(infoBytes);
  if (!equal(info.imprint, imprint) || info.at < 0n) return null;
  const attributes = parseAttributes(signerInfo.attributes.content);
  if (!equal(attributes.digest, await digest(signerInfo.hash, infoBytes))) return null;
  const signer = certificates.find(signerInfo.matches);
  if (!signer?.key || !(await isSigningCertificate(attributes.signingCertificate, signer))) return null;
  if (!(await findPath(signer, certificates, trust.timeStampers, TIME_STAMPER, info.at))) return null;
  const signed = concat(Uint8Array.of(TAG.set), signerInfo.attributes.raw.subarray(1));
  if (!(await verifyCms(signer.key, signerInfo.algorithm, signerInfo.hash, signed, signerInfo.signature))) return null;
  return { at: info.at, accuracy: accuracyOf(info, trust.policy.accuracyMs) };
}

/** @param {Bytes} token */
function parseSignedData(token) {
  const outer = open(token);
  if (outer.oid() !== OID.signedData) throw new DerError('not signed data');
  const content = open(outer.take(explicit(0)).content);
  outer.end();
  if (content.unsigned() !== 3n) throw new DerError('not version 3');
  content.take(TAG.set);
  const encapsulated = content.enter();
  if (encapsulated.oid() !== OID.tstInfo) throw new DerError('not a time stamp');
  const info = single(encapsulated.take(explicit(0)).content, TAG.octetString).content;
  encapsulated.end();
  const certificates = content.next === explicit(0) ? content.enter(explicit(0)).rest().map(({ raw }) => parseCertificate(raw)) : [];
  content.optional(explicit(1));
  const signers = content.enter(TAG.set);
  content.end();
  const signer = parseSigner(signers.enter());
  signers.end();
  return { info, certificates, signer };
}

/** @param {Der} content SignerInfo */
function parseSigner(content) {
  if (content.unsigned() > LARGEST) throw new DerError('a version of more than 64 bits');
  const matches = readSignerId(content);
  const hash = readHash(readAlgorithm(content.enter()));
  if (!hash) throw new DerError('another digest');
  const attributes = content.take(explicit(0));
  const algorithm = readAlgorithm(content.enter());
  const signature = content.take(TAG.octetString).content;
  content.optional(explicit(1));
  content.end();
  return { matches, hash, attributes, algorithm, signature };
}

/** @param {Der} content @returns {(certificate: Certificate) => boolean} */
function readSignerId(content) {
  if (content.next === implicit(0)) {
    const id = content.take().content;
    return ({ subjectKeyId }) => subjectKeyId !== null && equal(subjectKeyId, id);
  }
  const pair = content.enter();
  const issuer = readName(pair);
  const serial = pair.unsigned();
  pair.end();
  return (certificate) => certificate.serial === serial && equal(certificate.issuer, issuer);
}

/** @param {Bytes} set */
function parseAttributes(set) {
  const elements = new Der(set).rest(TAG.sequence);
  if (!ascending(elements)) throw new DerError('attributes out of order');
  const attributes = elements.map(({ content: bytes }) => {
    const attribute = new Der(bytes);
    const oid = attribute.oid();
    const values = attribute.enter(TAG.set).rest();
    attribute.end();
    return { oid, values };
  });
  const only = (/** @type {string} */ oid) => {
    const found = attributes.filter((attribute) => attribute.oid === oid);
    if (found.length !== 1 || found[0].values.length !== 1) throw new DerError('an attribute that is missing or twice');
    return found[0].values[0].raw;
  };
  const type = new Der(only(OID.contentType)).oid();
  if (type !== OID.tstInfo) throw new DerError('another content type');
  return { digest: single(only(OID.messageDigest), TAG.octetString).content, signingCertificate: only(OID.signingCertificate) };
}

/** Whether the first ESSCertIDv2 names the certificate. @param {Bytes} attribute @param {Certificate} signer */
async function isSigningCertificate(attribute, signer) {
  const content = open(attribute);
  const list = content.enter();
  content.optional(TAG.sequence);
  content.end();
  const first = list.enter();
  const hash = first.next === TAG.sequence ? readHash(readAlgorithm(first.enter())) : 'SHA-256';
  const certHash = first.take(TAG.octetString).content;
  const issuerSerial = first.optional(TAG.sequence);
  first.end();
  if (!hash || !equal(certHash, await digest(hash, signer.der))) return false;
  return !issuerSerial || namesIssuer(new Der(issuerSerial.content), signer);
}

/** @param {Der} content @param {Certificate} signer */
function namesIssuer(content, signer) {
  const names = content.enter();
  const serial = content.unsigned();
  content.end();
  const directoryName = names.take(explicit(4)).content;
  return equal(directoryName, signer.issuer) && serial === signer.serial;
}

/** @param {Bytes} bytes TSTInfo */
function parseInfo(bytes) {
  const content = open(bytes);
  if (content.unsigned() !== 1n) throw new DerError('not version 1');
  content.oid();
  const messageImprint = content.enter();
  if (readHash(readAlgorithm(messageImprint.enter())) !== 'SHA-256') throw new DerError('another imprint');
  const imprint = messageImprint.take(TAG.octetString).content;
  messageImprint.end();
  content.unsigned();
  const { at, digits } = fractionalTime(content.take());
  const accuracy = content.next === TAG.sequence ? parseAccuracy(content.enter()) : 0n;
  content.flag();
  if (content.next === TAG.integer) content.unsigned();
  content.optional(explicit(0));
  parseInfoExtensions(content);
  content.end();
  return { imprint, at, digits, accuracy };
}

/** @param {Der} content SEQUENCE of seconds, [0] millis, [1] micros, all optional; in ms rounded up */
function parseAccuracy(content) {
  const seconds = content.next === TAG.integer ? content.unsigned() : 0n;
  if (seconds > LARGEST) throw new DerError('an accuracy of more than 64 bits');
  const [millis, micros] = [implicit(0), implicit(1)].map((tag) => {
    if (content.next !== tag) return 0n;
    const part = content.unsigned(tag);
    if (part < 1n || part > 999n) throw new DerError('a part of a second outside 1 to 999');
    return part;
  });
  content.end();
  return seconds * 1000n + millis + (micros > 0n ? 1n : 0n);
}

/** @param {Der} content */
function parseInfoExtensions(content) {
  if (content.next !== explicit(1)) return;
  for (const { content: bytes } of content.enter(explicit(1)).rest(TAG.sequence)) {
    const extension = new Der(bytes);
    extension.oid();
    if (extension.flag()) throw new DerError('a critical extension');
    extension.take(TAG.octetString);
    extension.end();
  }
}

/** @param {{ accuracy: bigint, digits: number }} info @param {bigint} assumed */
function accuracyOf({ accuracy, digits }, assumed) {
  const sum = (accuracy > 0n ? accuracy : assumed) + (digits === 0 ? 1000n : 0n) + (digits > 3 ? 1n : 0n);
  return sum > LARGEST ? LARGEST : sum;
}
