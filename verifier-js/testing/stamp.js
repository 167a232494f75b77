/**
 * Time-stamp tokens that tests make themselves.
 *
 * @typedef {import('../src/bytes.js').Bytes} Bytes
 */
import { compare, concat } from '../src/bytes.js';
import { generalized, integer, nothing, octets, oid, seq, set, tlv } from './der-writer.js';
import { hashOf, signDer } from './issue.js';

const HASH = { sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2', sha512: '2.16.840.1.101.3.4.2.3' };
const ECDSA = { sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3', sha512: '1.2.840.10045.4.3.4' };

/**
 * @param {{ key: import('./issue.js').Key, der: Bytes, issuer: Bytes, serial: number, chain: Bytes[] }} stamper
 * @param {Bytes} imprint
 * @param {{ at: number, fraction: string, accuracy: { seconds?: number, millis?: number, micros?: number } | null, hash: keyof typeof HASH, ess: keyof typeof HASH | null }} how
 */
export function token(stamper, imprint, { at, fraction, accuracy, hash, ess }) {
  const digestAlgorithm = seq(oid(HASH[hash]), nothing);
  const info = seq(
    integer(1), oid('1.2.3.4'), seq(seq(oid(HASH.sha256)), octets(imprint)), integer(77), generalized(at, fraction), ...accuracyOf(accuracy), integer(5),
  );
  const attributes = [
    attribute('1.2.840.113549.1.9.3', oid('1.2.840.113549.1.9.16.1.4')),
    attribute('1.2.840.113549.1.9.4', octets(hashOf(info, hash))),
    attribute('1.2.840.113549.1.9.16.2.47', signingCertificate(stamper, ess)),
  ].sort(compare);
  const isRsa = stamper.key.alg === -257;
  const signature = signDer(stamper.key, set(...attributes), hash);
  const signer = seq(
    integer(1), seq(stamper.issuer, integer(stamper.serial)), digestAlgorithm, tlv(0xa0, ...attributes),
    isRsa ? seq(oid('1.2.840.113549.1.1.1'), nothing) : seq(oid(ECDSA[hash])), octets(signature),
  );
  const data = seq(
    integer(3), set(digestAlgorithm), seq(oid('1.2.840.113549.1.9.16.1.4'), tlv(0xa0, octets(info))), tlv(0xa0, stamper.der, ...stamper.chain), set(signer),
  );
  return seq(oid('1.2.840.113549.1.7.2'), tlv(0xa0, data));
}

/** @param {string} id @param {Bytes} value */
const attribute = (id, value) => seq(oid(id), set(value));

/** @param {{ der: Bytes, issuer: Bytes, serial: number }} stamper @param {keyof typeof HASH | null} ess */
function signingCertificate({ der, issuer, serial }, ess) {
  const names = seq(seq(tlv(0xa4, issuer)), integer(serial));
  const id = ess ? seq(seq(oid(HASH[ess])), octets(hashOf(der, ess)), names) : seq(octets(hashOf(der)));
  return seq(seq(id));
}

/** @param {{ seconds?: number, millis?: number, micros?: number } | null} accuracy */
function accuracyOf(accuracy) {
  if (!accuracy) return [];
  const { seconds, millis, micros } = accuracy;
  return [seq(concat(...(seconds === undefined ? [] : [integer(seconds)]), ...(millis ? [integer(millis, 0x80)] : []), ...(micros ? [integer(micros, 0x81)] : [])))];
}
