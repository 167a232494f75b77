/**
 * One X.509 certificate (formats.md 6.2): parsing alone, no judgement.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {{ critical: boolean, value: Bytes }} Extension
 * @typedef {{ signature: boolean, nonRepudiation: boolean, certSign: boolean, crlSign: boolean }} KeyUsage
 * @typedef {{
 *   der: Bytes, tbs: Bytes, algorithm: import('./keys.js').Algorithm, signature: Bytes, serial: bigint,
 *   issuer: Bytes, subject: Bytes, notBefore: bigint, notAfter: bigint, spki: Bytes, keyBits: Bytes,
 *   key: import('./crypto.js').PublicKey | null, extensions: Map<string, Extension>,
 *   keyUsage: KeyUsage | null, ca: boolean, pathLength: bigint | null, authorityKeyId: Bytes | null, subjectKeyId: Bytes | null,
 *   extendedUsages: string[] | null, policies: string[] | null,
 * }} Certificate dates in ms; notAfter as written: its last second belongs to validity as a whole
 */
import { equal } from './bytes.js';
import { Der, DerError, TAG, ascending, explicit, implicit, open, single } from './der.js';
import { readAlgorithm, readKey } from './keys.js';
import { certificateTime } from './times.js';

export const OID = {
  subjectKeyId: '2.5.29.14', keyUsage: '2.5.29.15', basicConstraints: '2.5.29.19', crlDistributionPoints: '2.5.29.31',
  policies: '2.5.29.32', authorityKeyId: '2.5.29.35', extendedUsage: '2.5.29.37',
};

/** The certificate; throws a DerError. @param {Bytes} der @returns {Certificate} */
export function parseCertificate(der) {
  const outer = open(der);
  const { raw: tbs } = outer.take(TAG.sequence);
  const outerAlgorithm = outer.take(TAG.sequence);
  const signature = outer.bits();
  outer.end();

  const content = open(tbs);
  const version = single(content.take(explicit(0)).content, TAG.integer).content;
  if (version.length !== 1 || version[0] !== 2) throw new DerError('not version 3');
  const serial = content.unsigned();
  const innerAlgorithm = content.take(TAG.sequence);
  if (!equal(innerAlgorithm.raw, outerAlgorithm.raw)) throw new DerError('two signature algorithms');
  const issuer = readName(content);
  const validity = content.enter();
  const [notBefore, notAfter] = [certificateTime(validity.take()), certificateTime(validity.take())];
  validity.end();
  if (notAfter < notBefore) throw new DerError('ends before it begins');
  const subject = readName(content);
  const { raw: spki } = content.take(TAG.sequence);
  const extensions = content.done ? new Map() : readExtensions(open(content.take(explicit(3)).content));
  content.end();
  return {
    der, tbs, algorithm: readAlgorithm(new Der(innerAlgorithm.content)), signature, serial, issuer, subject, notBefore, notAfter,
    spki, keyBits: keyBits(spki), key: readKey(spki), extensions, ...readKnown(extensions),
  };
}

/** As {@link parseCertificate}, or null. @param {Bytes} der */
export function tryParseCertificate(der) {
  try {
    return parseCertificate(der);
  } catch {
    return null;
  }
}

/** Content of the BIT STRING of a SubjectPublicKeyInfo. @param {Bytes} spki */
function keyBits(spki) {
  const content = open(spki);
  content.take(TAG.sequence);
  return content.bits();
}

/** A Name: its DER, checked. @param {Der} content */
export function readName(content) {
  const name = content.take(TAG.sequence);
  for (const relative of new Der(name.content).rest(TAG.set)) {
    const attributes = new Der(relative.content).rest(TAG.sequence);
    if (attributes.length === 0 || !ascending(attributes)) throw new DerError('a name part that is empty or out of order');
    for (const attribute of attributes) {
      const parts = new Der(attribute.content);
      parts.oid();
      parts.take();
      parts.end();
    }
  }
  return name.raw;
}

/** Extensions: not empty, none twice. @param {Der} content */
export function readExtensions(content) {
  /** @type {Map<string, Extension>} */
  const extensions = new Map();
  for (const { content: bytes } of content.rest(TAG.sequence)) {
    const extension = new Der(bytes);
    const oid = extension.oid();
    const critical = extension.flag();
    const value = extension.take(TAG.octetString).content;
    extension.end();
    if (extensions.has(oid)) throw new DerError('an extension twice');
    extensions.set(oid, { critical, value });
  }
  if (extensions.size === 0) throw new DerError('extensions that are empty');
  return extensions;
}

/** @param {Map<string, Extension>} extensions */
function readKnown(extensions) {
  /** @template T @param {string} oid @param {(value: Bytes) => T} read */
  const known = (oid, read) => {
    const extension = extensions.get(oid);
    return extension ? read(extension.value) : null;
  };
  const constraints = known(OID.basicConstraints, readBasicConstraints);
  return {
    keyUsage: known(OID.keyUsage, readKeyUsage),
    ca: constraints?.ca ?? false,
    pathLength: constraints?.pathLength ?? null,
    authorityKeyId: known(OID.authorityKeyId, readAuthorityKeyId),
    subjectKeyId: known(OID.subjectKeyId, (value) => single(value, TAG.octetString).content),
    extendedUsages: known(OID.extendedUsage, readExtendedUsages),
    policies: known(OID.policies, readPolicies),
  };
}

/** @param {Bytes} value @returns {KeyUsage} */
function readKeyUsage(value) {
  const [unused, ...bits] = single(value, TAG.bitString).content;
  const last = bits[bits.length - 1];
  if (bits.length < 1 || bits.length > 2 || last === 0) throw new DerError('a keyUsage that is empty or too long');
  if (unused > 7 || last % 2 ** unused !== 0 || (last >> unused) % 2 === 0) throw new DerError('a keyUsage that is not minimal');
  const has = (/** @type {number} */ bit) => (bits[0] & (0x80 >> bit)) !== 0;
  return { signature: has(0), nonRepudiation: has(1), certSign: has(5), crlSign: has(6) };
}

/** @param {Bytes} value */
function readBasicConstraints(value) {
  const content = open(value);
  const ca = content.flag();
  const pathLength = content.done ? null : content.unsigned();
  content.end();
  if (pathLength !== null && pathLength >= 2n ** 64n) throw new DerError('a pathLenConstraint of more than 64 bits');
  return { ca, pathLength };
}

/** keyid of an authorityKeyIdentifier, or null. @param {Bytes} value */
export function readAuthorityKeyId(value) {
  const content = open(value);
  const keyId = content.optional(implicit(0));
  content.optional(explicit(1));
  content.optional(implicit(2));
  content.end();
  return keyId?.content ?? null;
}

/** @param {Bytes} value */
function readExtendedUsages(value) {
  const content = open(value);
  const usages = [];
  while (!content.done) usages.push(content.oid());
  if (usages.length === 0) throw new DerError('an extKeyUsage that is empty');
  return usages;
}

/** @param {Bytes} value */
function readPolicies(value) {
  const policies = open(value).rest(TAG.sequence).map(({ content: bytes }) => {
    const policy = new Der(bytes);
    const oid = policy.oid();
    policy.optional(TAG.sequence);
    policy.end();
    return oid;
  });
  if (policies.length === 0) throw new DerError('certificatePolicies that are empty');
  return policies;
}
