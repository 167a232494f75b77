/**
 * Offline unlocks by an administrator's card (formats.md 12.1.6).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./objects.js').ObjectOf<typeof admKind>} Adm
 * @typedef {{ kind: number, spki: string, path: import('./path.js').Path }} AdminCertificate kind 1 JPKI, 2 HPKI; spki = its SHA-256, hex
 * @typedef {{ kind: 'offline', anchorH: string, adm: Adm, hash: string, bindH: string, certificates: AdminCertificate[] }} OfflineAnchor
 * @typedef {{ state: 'valid', anchor: OfflineAnchor } | { state: 'broken', anchorH: string } | { state: 'ignored' }} Judged
 */
import { equal, hex } from './bytes.js';
import { tryParseCertificate } from './certificate.js';
import { holds, tryParse, tryParseFor } from './cose.js';
import { shaHex } from './crypto.js';
import { adm as admKind, tryRead } from './objects.js';
import { findPath } from './path.js';
import { PATIENT, STAFF } from './profiles.js';

const RS256 = -257;

/**
 * @param {import('./bundle.js').Anchors['offline'][number]} anchor
 * @param {Bytes} se
 * @param {import('./bundle.js').Bundle} bundle
 * @param {import('./trust.js').Trust} trust
 * @returns {Promise<Judged>}
 */
export async function verifyOffline({ admS, cert }, se, bundle, trust) {
  const anchorH = await shaHex(admS);
  const payload = tryParse(admS)?.payload;
  const adm = payload ? tryRead(admKind, payload) : null;
  if (adm && !equal(adm.se, se)) return { state: 'ignored' };
  const message = tryParseFor(admS, 'admin-activate');
  const certificate = await administrator(cert, bundle, trust);
  if (!message || !adm || !certificate || message.alg !== RS256) return { state: 'broken', anchorH };
  if (!(await holds(message, 'admin-activate', certificate.key))) return { state: 'broken', anchorH };
  const { kind, path, key } = certificate;
  const certificates = [{ kind, spki: await shaHex(key.spki), path }];
  return { state: 'valid', anchor: { kind: 'offline', anchorH, adm, hash: await shaHex(message.payload), bindH: hex(adm.bindH), certificates } };
}

/** @param {Bytes} der @param {import('./bundle.js').Bundle} bundle @param {import('./trust.js').Trust} trust */
async function administrator(der, bundle, trust) {
  const certificate = tryParseCertificate(der);
  if (certificate?.key?.family !== 'rsa' || certificate.key.bits !== 2048) return null;
  const staff = await findPath(certificate, bundle.certificates, trust.staff, STAFF, null);
  const path = staff ?? (await findPath(certificate, [], trust.cards, PATIENT, null));
  return path && { kind: staff ? 2 : 1, path, key: certificate.key };
}
