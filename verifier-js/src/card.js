/**
 * The patient's card (formats.md 4.2, 12.8, 12.9).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./bundle.js').Evidence} Evidence
 * @typedef {import('./bundle.js').Presence} Presence
 */
import { concat, equal, utf8 } from './bytes.js';
import { tryParseCertificate } from './certificate.js';
import { headerOf, toBeSigned, verifyWith } from './cose.js';
import { digest, sha } from './crypto.js';
import { findPath } from './path.js';
import { PATIENT } from './profiles.js';

/** Algorithms with which a card signs. */
export const CARD_ALGORITHMS = [-257, -37, -35];

/** What the card's host signs for: TBS of the presence. @param {Bytes} pres @param {number} alg */
export function presenceTbs(pres, alg) {
  return toBeSigned('presence', headerOf(alg), pres);
}

/** The message whose hash the card signs: M of formats.md 4.2. @param {Bytes} pres @param {Presence} presence @param {number} alg */
export async function cardMessage(pres, { ea, rndIcc, i }, alg) {
  const tbs = presenceTbs(pres, alg);
  if (ea !== 3) return tbs;
  return concat(utf8('jushin/1/card-ea'), rndIcc, utf8(i), await digest(alg === -35 ? 'SHA-384' : 'SHA-256', tbs));
}

/** Path of the card's certificate if certificate and signature hold, else null. @param {Evidence} evidence @param {Presence} presence @param {import('./trust.js').Trust} trust */
export async function verifyCard({ pres, calg, csig, cert, blind }, presence, trust) {
  if (!CARD_ALGORITHMS.includes(calg) || !equal(presence.certH, await sha(concat(blind, cert)))) return null;
  const certificate = tryParseCertificate(cert);
  const path = certificate?.key && (await findPath(certificate, [], trust.cards, PATIENT, null));
  if (!certificate?.key || !path) return null;
  return (await verifyWith(calg, certificate.key, await cardMessage(pres, presence, calg), csig)) ? path : null;
}
