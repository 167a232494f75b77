/**
 * What a leaf certificate must look like for each purpose (formats.md 6.4).
 *
 * @typedef {import('./certificate.js').Certificate} Certificate
 * @typedef {{ intermediates: number, mayBeCritical: string[], accepts: (leaf: Certificate) => boolean }} Profile
 */
import { OID } from './certificate.js';
import { read, seCaExt, seExt } from './objects.js';

/** The extension of element certificates and of their CAs. */
export const ELEMENT_EXTENSION = '2.25.154355430';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const PATIENT_POLICIES = ['1.2.392.200149.8.5.1.3.30', '1.2.392.200149.8.5.1.0.30', `${ELEMENT_EXTENSION}.1`];
const STAFF_POLICIES = ['1.2.392.100495.1.5.1.2.3.1', `${ELEMENT_EXTENSION}.2`];
const STAFF_SIGNING = '1.2.392.100495.1.5.1.1';

/** keyUsage: digitalSignature, and neither certificates nor CRLs. @param {Certificate} leaf */
const signs = ({ keyUsage }) => keyUsage !== null && keyUsage.signature && !keyUsage.certSign && !keyUsage.crlSign;

/** @param {Certificate} leaf @param {string[]} policies */
const hasPolicy = (leaf, policies) => policies.some((policy) => leaf.policies?.includes(policy) ?? false);

/** @type {Profile} */
export const PATIENT = {
  intermediates: 0,
  mayBeCritical: [OID.extendedUsage, OID.policies],
  accepts: (leaf) =>
    signs(leaf) && leaf.keyUsage?.nonRepudiation === false && (leaf.extendedUsages?.includes(CLIENT_AUTH) ?? true) && hasPolicy(leaf, PATIENT_POLICIES),
};

/** @type {Profile} */
export const STAFF = {
  intermediates: 1,
  mayBeCritical: [OID.policies],
  accepts: (leaf) =>
    signs(leaf) && leaf.keyUsage?.nonRepudiation === false && hasPolicy(leaf, STAFF_POLICIES) &&
    !leaf.policies?.some((policy) => policy === STAFF_SIGNING || policy.startsWith(`${STAFF_SIGNING}.`)),
};

/** @type {Profile} */
export const ELEMENT = {
  intermediates: 0,
  mayBeCritical: [],
  accepts: (leaf) => signs(leaf) && elementExtension(leaf) !== null,
};

/** @type {Profile} */
export const TIME_STAMPER = {
  intermediates: 2,
  mayBeCritical: [OID.extendedUsage],
  accepts: ({ keyUsage, extensions, extendedUsages }) =>
    (keyUsage === null || ((keyUsage.signature || keyUsage.nonRepudiation) && !keyUsage.certSign && !keyUsage.crlSign)) &&
    extensions.get(OID.extendedUsage)?.critical === true && extendedUsages?.length === 1 && extendedUsages[0] === TIME_STAMPING,
};

/** @type {Profile} */
export const OCSP_RESPONDER = {
  intermediates: 0,
  mayBeCritical: [OID.extendedUsage],
  accepts: (leaf) => (leaf.keyUsage === null || signs(leaf)) && (leaf.extendedUsages?.includes(OCSP_SIGNING) ?? false),
};

/** Whether the leaf fits the profile. @param {Certificate} leaf @param {Profile} profile */
export function fits(leaf, profile) {
  const allowed = [OID.keyUsage, OID.basicConstraints, ...profile.mayBeCritical];
  return !leaf.ca && onlyCritical(leaf, allowed) && profile.accepts(leaf);
}

/** Whether no other extension is critical. @param {Certificate} certificate @param {string[]} allowed */
export function onlyCritical(certificate, allowed) {
  return [...certificate.extensions].every(([oid, { critical }]) => !critical || allowed.includes(oid));
}

/** What an element certificate says about its element, or null. @param {Certificate} certificate */
export function elementExtension(certificate) {
  const extension = certificate.extensions.get(ELEMENT_EXTENSION);
  if (!extension || extension.critical) return null;
  try {
    return read(seExt, extension.value);
  } catch {
    return null;
  }
}

/** Whether an element CA is marked as simulated; null if the mark is malformed. @param {Certificate} certificate */
export function caSimulated(certificate) {
  const extension = certificate.extensions.get(ELEMENT_EXTENSION);
  if (!extension) return false;
  if (extension.critical) return null;
  try {
    return read(seCaExt, extension.value).simulated;
  } catch {
    return null;
  }
}
