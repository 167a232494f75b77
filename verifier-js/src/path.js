/**
 * From a leaf up to a trust anchor (formats.md 6.3). The search goes down from the anchors, so that a certificate that
 * only carries a CA's name or key is never reached.
 *
 * @typedef {import('./certificate.js').Certificate} Certificate
 * @typedef {{ certificates: Certificate[], issuer: Certificate, anchor: Certificate, notBefore: bigint, notAfter: bigint }} Path
 *   certificates from the leaf to the anchor; the dates in which all of them are valid
 */
import { compare, equal } from './bytes.js';
import { OID } from './certificate.js';
import { verifyX509 } from './keys.js';
import { fits, onlyCritical } from './profiles.js';

/** Whether `at` (ms) lies in a certificate's validity. @param {Certificate} certificate @param {bigint | null} at null = not judged here */
function validAt(certificate, at) {
  return at === null || (certificate.notBefore <= at && at <= certificate.notAfter + 999n);
}

/** @param {Certificate} certificate */
function isCa({ ca, keyUsage }) {
  return ca && (keyUsage?.certSign ?? true);
}

/** Key ids differ only if both are there. @param {Certificate} issuer @param {{ authorityKeyId: import('./bytes.js').Bytes | null }} issued */
export function keyIdsFit(issuer, { authorityKeyId }) {
  return authorityKeyId === null || issuer.subjectKeyId === null || equal(authorityKeyId, issuer.subjectKeyId);
}

/** @param {Certificate} issuer @param {Certificate} issued */
async function issues(issuer, issued) {
  if (!issuer.key || !equal(issuer.subject, issued.issuer) || !keyIdsFit(issuer, issued)) return false;
  return verifyX509(issuer.key, issued.algorithm, issued.tbs, issued.signature);
}

/** @param {Certificate} issuer @param {number} below intermediates under it @param {bigint | null} at */
function mayIssue(issuer, below, at) {
  return (
    isCa(issuer) && validAt(issuer, at) && onlyCritical(issuer, [OID.keyUsage, OID.basicConstraints, OID.policies]) &&
    (issuer.pathLength === null || issuer.pathLength >= BigInt(below))
  );
}

/**
 * A path, or null.
 *
 * @param {Certificate} leaf
 * @param {Certificate[]} others candidates for intermediates
 * @param {Certificate[]} anchors in the order of the trust folder
 * @param {import('./profiles.js').Profile} profile
 * @param {bigint | null} at ms at which all must be valid, or null: dates are judged later
 * @returns {Promise<Path | null>}
 */
export async function findPath(leaf, others, anchors, profile, at) {
  if (!fits(leaf, profile) || !validAt(leaf, at)) return null;
  /** @type {Certificate[][]} each from a CA up to its anchor */
  let level = anchors.map((anchor) => [anchor]);
  let rest = distinct(others);
  for (let between = 0; ; between += 1) {
    let refused = false;
    for (const chain of level) {
      if (!(await issues(chain[0], leaf))) continue;
      if (between <= profile.intermediates && chain.every((ca, below) => mayIssue(ca, below, at))) return pathOf([leaf, ...chain]);
      refused = true;
    }
    if (refused || between > profile.intermediates) return null;
    ({ level, rest } = await descend(level, rest));
    if (level.length === 0) return null;
  }
}

/** @param {Certificate[]} others */
function distinct(others) {
  const sorted = [...others].sort((a, b) => compare(a.der, b.der));
  return sorted.filter((other, i) => i === 0 || !equal(sorted[i - 1].der, other.der));
}

/** @param {Certificate[][]} level @param {Certificate[]} rest */
async function descend(level, rest) {
  /** @type {Certificate[][]} */
  const next = [];
  const left = [];
  for (const candidate of rest) {
    const above = candidate.key && (await firstIssuer(level, candidate));
    if (above) next.push([candidate, ...above]);
    else left.push(candidate);
  }
  return { level: next, rest: left };
}

/** @param {Certificate[][]} level @param {Certificate} candidate */
async function firstIssuer(level, candidate) {
  for (const chain of level) {
    if (isCa(chain[0]) && (await issues(chain[0], candidate))) return chain;
  }
  return null;
}

/** @param {Certificate[]} certificates @returns {Path} */
function pathOf(certificates) {
  const latest = (/** @type {bigint} */ a, /** @type {bigint} */ b) => (a > b ? a : b);
  const earliest = (/** @type {bigint} */ a, /** @type {bigint} */ b) => (a < b ? a : b);
  return {
    certificates,
    issuer: certificates[1],
    anchor: certificates[certificates.length - 1],
    notBefore: certificates.map((certificate) => certificate.notBefore).reduce(latest),
    notAfter: certificates.map((certificate) => certificate.notAfter).reduce(earliest),
  };
}
