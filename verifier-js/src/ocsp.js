/**
 * OCSP responses (RFC 6960; formats.md 9.1).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./certificate.js').Certificate} Certificate
 */
import { equal } from './bytes.js';
import { readExtensions, readName, tryParseCertificate } from './certificate.js';
import { digest } from './crypto.js';
import { Der, DerError, TAG, explicit, implicit, open, single } from './der.js';
import { hasUsualParameters, readAlgorithm, readHash, verifyX509 } from './keys.js';
import { findPath } from './path.js';
import { readReason } from './crl.js';
import { OCSP_RESPONDER } from './profiles.js';
import { generalizedTime } from './times.js';

const BASIC = '1.3.6.1.5.5.7.48.1.1';
const NONCE = '1.3.6.1.5.5.7.48.1.2';
const SHA1 = '1.3.14.3.2.26';

/** @param {Bytes} data @param {Certificate} certificate @param {Certificate} issuer @returns {Promise<import('./revocation.js').Answer | null>} */
export async function answerOfOcsp(data, certificate, issuer) {
  const response = parse(data);
  const about = [];
  for (const single of response.singles) {
    if (await isAbout(single, issuer)) about.push(single);
  }
  if (about.length === 0 || !(await isSigned(response, issuer))) return null;
  const mine = about.filter(({ serial }) => serial === certificate.serial);
  const counts = mine.find(({ status }) => status.kind === 'revoked') ?? mine[0];
  if (!counts || counts.status.kind === 'unknown') return null;
  return { revokedAt: counts.status.kind === 'revoked' ? counts.status.at : null, asOf: counts.thisUpdate };
}

/** @param {Bytes} data */
function parse(data) {
  const outer = open(data);
  const status = outer.take(TAG.enumerated).content;
  if (status.length !== 1 || status[0] !== 0) throw new DerError('not successful');
  const typed = open(outer.take(explicit(0)).content);
  outer.end();
  if (typed.oid() !== BASIC) throw new DerError('another type of response');
  const basic = open(typed.take(TAG.octetString).content);
  typed.end();
  const tbs = basic.take(TAG.sequence);
  const algorithm = readAlgorithm(basic.enter());
  const signature = basic.bits();
  const certificates = basic.done ? [] : open(basic.take(explicit(0)).content).rest(TAG.sequence).flatMap(({ raw }) => tryParseCertificate(raw) ?? []);
  basic.end();
  return { tbs: tbs.raw, algorithm, signature, certificates, ...parseData(new Der(tbs.content)) };
}

/** @param {Der} content ResponseData */
function parseData(content) {
  const responder = parseResponder(content.take());
  const producedAt = generalizedTime(content.take());
  const singles = content.enter().rest(TAG.sequence).map(({ content: bytes }) => parseSingle(new Der(bytes)));
  checkExtensions(content, NONCE);
  content.end();
  return { responder, producedAt, singles };
}

/** Whether a certificate is the responder. @param {import('./der.js').Element} element @returns {(certificate: Certificate) => Promise<boolean>} */
function parseResponder(element) {
  if (element.tag === explicit(1)) {
    const inner = new Der(element.content);
    const name = readName(inner);
    inner.end();
    return async ({ subject }) => equal(subject, name);
  }
  if (element.tag !== explicit(2)) throw new DerError('a responder of another form');
  const hash = single(element.content, TAG.octetString).content;
  return async ({ keyBits }) => equal(await digest('SHA-1', keyBits), hash);
}

/** @param {Der} content SingleResponse */
function parseSingle(content) {
  const id = content.enter();
  const algorithm = readAlgorithm(id.enter());
  const [nameHash, keyHash] = [id.take(TAG.octetString).content, id.take(TAG.octetString).content];
  const serial = id.unsigned();
  id.end();
  const status = parseStatus(content.take());
  const thisUpdate = generalizedTime(content.take());
  const nextUpdate = content.optional(explicit(0));
  if (nextUpdate) generalizedTime(single(nextUpdate.content));
  checkExtensions(content);
  content.end();
  return { algorithm, nameHash, keyHash, serial, status, thisUpdate };
}

/** @param {import('./der.js').Element} element @returns {{ kind: 'good' | 'unknown' } | { kind: 'revoked', at: bigint }} */
function parseStatus({ tag, content }) {
  if (tag === explicit(1)) {
    const info = new Der(content);
    const at = generalizedTime(info.take());
    const reason = info.optional(explicit(0));
    if (reason) readReason(reason.content);
    info.end();
    return { kind: 'revoked', at };
  }
  if (content.length !== 0 || (tag !== implicit(0) && tag !== implicit(2))) throw new DerError('a status of another form');
  return { kind: tag === implicit(0) ? 'good' : 'unknown' };
}

/** Optional [1] extensions: none critical but `understood`, which is an OCTET STRING. @param {Der} content @param {string} [understood] */
function checkExtensions(content, understood) {
  const extensions = content.optional(explicit(1));
  if (!extensions) return;
  for (const [oid, { critical, value }] of readExtensions(open(extensions.content))) {
    if (critical && oid !== understood) throw new DerError('a critical extension');
    if (oid === understood) single(value, TAG.octetString);
  }
}

/** @param {ReturnType<typeof parseSingle>} single @param {Certificate} issuer */
async function isAbout({ algorithm, nameHash, keyHash }, issuer) {
  const hash = algorithm.oid === SHA1 && hasUsualParameters(algorithm) ? 'SHA-1' : readHash(algorithm);
  if (hash !== 'SHA-1' && hash !== 'SHA-256') return false;
  return equal(nameHash, await digest(hash, issuer.subject)) && equal(keyHash, await digest(hash, issuer.keyBits));
}

/** @param {ReturnType<typeof parse>} response @param {Certificate} issuer */
async function isSigned({ responder, certificates, producedAt, tbs, algorithm, signature }, issuer) {
  let key = (await responder(issuer)) ? issuer.key : null;
  if (!key) {
    for (const candidate of certificates) {
      if (!(await responder(candidate))) continue;
      key = (await findPath(candidate, [], [issuer], OCSP_RESPONDER, producedAt)) && candidate.key;
      break;
    }
  }
  return key !== null && verifyX509(key, algorithm, tbs, signature);
}
