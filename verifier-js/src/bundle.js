/**
 * A bundle, decoded (formats.md 11): what is malformed beyond the bundle itself is ignored here.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./objects.js').ObjectOf<typeof import('./objects.js').evidence>} Evidence
 * @typedef {import('./objects.js').ObjectOf<typeof import('./objects.js').presence>} Presence
 * @typedef {{ pres: Bytes, presence: Presence | null, commitS: Bytes, full: Evidence | null }} Entry presence is null if `pres` is none
 * @typedef {{
 *   redacted: boolean, entries: Entry[], anchors: Anchors, records: Bytes[], certificates: import('./certificate.js').Certificate[],
 *   cvs: import('./cv.js').CvCertificate[], revocation: Bytes[], bindings: Bytes[], results: Bytes[], proofs: Bytes[],
 * }} Bundle
 * @typedef {{
 *   online: import('./objects.js').ObjectOf<typeof onlineAnchor>[], offline: import('./objects.js').ObjectOf<typeof offlineAnchor>[],
 *   close: import('./objects.js').ObjectOf<typeof closeAnchor>[], beacon: import('./objects.js').ObjectOf<typeof beaconAnchor>[],
 * }} Anchors
 */
import { decode } from './cbor.js';
import { tryParseCertificate } from './certificate.js';
import { parseCv } from './cv.js';
import { beaconAnchor, bundle as bundleKind, closeAnchor, evidence, offlineAnchor, onlineAnchor, presence, read, redacted as redactedKind, tryRead } from './objects.js';

/** The bundle; throws a CborError if it is malformed (R01 as a whole). @param {Bytes} bytes @returns {Bundle} */
export function parseBundle(bytes) {
  const lists = read(bundleKind, bytes);
  const redacted = lists.evs.length > 0 && typeOf(lists.evs[0]) === 38n;
  const cvs = lists.certs.flatMap((item) => parseCv(item) ?? []);
  const others = lists.certs.filter((item) => !parseCv(item));
  return {
    redacted,
    entries: lists.evs.map((encoded) => (redacted ? entryOf(read(redactedKind, encoded), null) : fullEntry(read(evidence, encoded)))),
    anchors: readAnchors(lists.anchors),
    records: lists.records,
    certificates: others.flatMap((item) => tryParseCertificate(item) ?? []),
    cvs,
    revocation: lists.revocation,
    bindings: lists.bindings,
    results: lists.results,
    proofs: lists.proofs,
  };
}

/** @param {Bytes} encoded */
function typeOf(encoded) {
  const item = decode(encoded);
  return Array.isArray(item) ? item[0] : null;
}

/** @param {Evidence} full */
function fullEntry(full) {
  return entryOf(full, full);
}

/** @param {{ pres: Bytes, commitS: Bytes }} parts @param {Evidence | null} full @returns {Entry} */
function entryOf({ pres, commitS }, full) {
  return { pres, presence: tryRead(presence, pres), commitS, full };
}

/** @param {Bytes[]} list @returns {Anchors} */
function readAnchors(list) {
  /** @type {Anchors} */
  const anchors = { online: [], offline: [], close: [], beacon: [] };
  for (const encoded of list) {
    const item = decode(encoded);
    switch (Array.isArray(item) ? item[2] : null) {
      case 2n:
        anchors.offline.push(offlineAnchor(item));
        break;
      case 3n:
        anchors.close.push(closeAnchor(item));
        break;
      case 4n:
        anchors.beacon.push(beaconAnchor(item));
        break;
      default:
        anchors.online.push(onlineAnchor(item));
    }
  }
  return anchors;
}
