/**
 * What OCSP responses and CRLs say about one certificate, and what follows for a window (formats.md 9).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./certificate.js').Certificate} Certificate
 * @typedef {{ revokedAt: bigint | null, asOf: bigint }} Answer ms; revokedAt null = good
 * @typedef {'GOOD' | 'BAD' | 'UNKNOWN' | 'NODATA'} Standing
 */
import { answerOfCrl } from './crl.js';
import { DerError, TAG, open } from './der.js';
import { answerOfOcsp } from './ocsp.js';

/** What one OCSP response or CRL says, or null: nothing that counts. @param {Bytes} data @param {Certificate} certificate @param {Certificate} issuer @returns {Promise<Answer | null>} */
export async function answerOf(data, certificate, issuer) {
  try {
    const isOcsp = open(data).next === TAG.enumerated;
    return await (isOcsp ? answerOfOcsp : answerOfCrl)(data, certificate, issuer);
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

/**
 * Standing of a path over a window.
 *
 * @param {import('./path.js').Path} path
 * @param {{ lo: bigint | null, hi: bigint | null }} window ms; null = open
 * @param {Bytes[]} data
 * @returns {Promise<Standing>}
 */
export async function standing(path, { lo, hi }, data) {
  const [from, to] = [path.notBefore, path.notAfter + 999n];
  if ((lo !== null && lo > to) || (hi !== null && hi < from)) return 'BAD';
  const partly = (lo !== null && lo < from) || (hi !== null && hi > to);
  const answers = [];
  for (const item of data) {
    const answer = await answerOf(item, path.certificates[0], path.issuer);
    if (answer) answers.push(answer);
  }
  const revoked = answers.flatMap(({ revokedAt }) => (revokedAt === null ? [] : [revokedAt]));
  if (lo !== null && revoked.some((at) => at < lo)) return 'BAD';
  if (revoked.some((at) => hi === null || at <= hi)) return 'UNKNOWN';
  const fresh = lo !== null && answers.some(({ asOf }) => asOf >= lo - (lo % 1000n));
  if (partly) return 'UNKNOWN';
  return fresh ? 'GOOD' : 'NODATA';
}
