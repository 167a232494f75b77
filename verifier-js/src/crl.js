/**
 * Certificate revocation lists (RFC 5280; formats.md 9.2).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./certificate.js').Certificate} Certificate
 */
import { equal } from './bytes.js';
import { OID, readAuthorityKeyId, readExtensions, readName } from './certificate.js';
import { Der, DerError, TAG, explicit, implicit, open, single } from './der.js';
import { readAlgorithm, verifyX509 } from './keys.js';
import { keyIdsFit } from './path.js';
import { certificateTime } from './times.js';

const REASON = '2.5.29.21';
const DISTRIBUTION_POINT = '2.5.29.28';

/** @param {Bytes} data @param {Certificate} certificate @param {Certificate} issuer @returns {Promise<import('./revocation.js').Answer | null>} */
export async function answerOfCrl(data, certificate, issuer) {
  const list = parse(data);
  if (!equal(list.issuer, issuer.subject) || !keyIdsFit(issuer, list) || !(issuer.keyUsage?.crlSign ?? true)) return null;
  if (!issuer.key || !(await verifyX509(issuer.key, list.algorithm, list.tbs, list.signature))) return null;
  const entry = list.entries.find(({ serial }) => serial === certificate.serial);
  if (entry) return { revokedAt: entry.at, asOf: list.thisUpdate };
  if (certificate.notBefore > list.thisUpdate || !list.scope(certificate)) return null;
  return { revokedAt: null, asOf: list.thisUpdate };
}

/** @param {Bytes} data */
function parse(data) {
  const outer = open(data);
  const tbs = outer.take(TAG.sequence);
  const outerAlgorithm = outer.take(TAG.sequence);
  const signature = outer.bits();
  outer.end();
  const content = new Der(tbs.content);
  if (content.unsigned() !== 1n) throw new DerError('not version 2');
  if (!equal(content.take(TAG.sequence).raw, outerAlgorithm.raw)) throw new DerError('two signature algorithms');
  const issuer = readName(content);
  const thisUpdate = certificateTime(content.take());
  if (content.next === TAG.utcTime || content.next === TAG.generalizedTime) certificateTime(content.take());
  const entries = content.next === TAG.sequence ? content.enter().rest(TAG.sequence).map(({ content: bytes }) => parseEntry(new Der(bytes))) : [];
  const extensions = content.done ? new Map() : readExtensions(open(content.take(explicit(0)).content));
  content.end();
  return {
    tbs: tbs.raw, algorithm: readAlgorithm(new Der(outerAlgorithm.content)), signature, issuer, thisUpdate, entries, ...readScope(extensions),
  };
}

/** @param {Der} content */
function parseEntry(content) {
  const serial = content.unsigned();
  const at = certificateTime(content.take());
  if (!content.done) {
    const extensions = readExtensions(new Der(content.take(TAG.sequence).content));
    for (const [oid, { critical, value }] of extensions) {
      if (oid === REASON) readReason(value);
      else if (critical) throw new DerError('a critical extension of an entry');
    }
  }
  content.end();
  return { serial, at };
}

/** CRLReason: an ENUMERATED of one byte. @param {Bytes} value */
export function readReason(value) {
  const { content } = single(value, TAG.enumerated);
  if (content.length !== 1 || content[0] >= 0x80) throw new DerError('a reason of another form');
}

/** @param {Map<string, import('./certificate.js').Extension>} extensions */
function readScope(extensions) {
  for (const [oid, { critical }] of extensions) {
    if (critical && oid !== OID.authorityKeyId && oid !== DISTRIBUTION_POINT) throw new DerError('a critical extension');
  }
  const keyId = extensions.get(OID.authorityKeyId);
  const point = extensions.get(DISTRIBUTION_POINT);
  return {
    authorityKeyId: keyId ? readAuthorityKeyId(keyId.value) : null,
    scope: point ? readPoint(point.value) : () => true,
  };
}

/** Which certificates an issuingDistributionPoint covers. @param {Bytes} value @returns {(certificate: Certificate) => boolean} */
function readPoint(value) {
  const content = open(value);
  const name = content.optional(explicit(0));
  const flags = [1, 2, 3, 4, 5].map((tag) => content.optional(implicit(tag)));
  content.end();
  const [, forCas, someReasons, indirect, forAttributes] = flags.map((flag) => flag !== null);
  for (const [i, flag] of flags.entries()) {
    if (flag && i !== 2 && (flag.content.length !== 1 || flag.content[0] !== 0xff)) throw new DerError('a BOOLEAN that is not written so');
  }
  if (indirect) throw new DerError('an indirect list');
  if (forCas || someReasons || forAttributes) return () => false;
  return (certificate) => name === null || pointsOf(certificate).some((point) => equal(point, name.raw));
}

/** distributionPoint [0] of each of the certificate's points. @param {Certificate} certificate */
function pointsOf(certificate) {
  const extension = certificate.extensions.get(OID.crlDistributionPoints);
  if (!extension) return [];
  try {
    return single(extension.value, TAG.sequence) && open(extension.value).rest(TAG.sequence).flatMap(({ content }) => {
      const name = new Der(content).optional(explicit(0));
      return name ? [name.raw] : [];
    });
  } catch {
    return [];
  }
}
