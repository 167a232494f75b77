/**
 * Keys, certificates, CV certificates, CRLs and OCSP responses that tests make themselves.
 *
 * @typedef {import('../src/bytes.js').Bytes} Bytes
 * @typedef {{ privateKey: import('node:crypto').KeyObject, spki: Bytes, alg: number }} Key alg = its COSE algorithm
 * @typedef {{ subject: string, key: Key, der: Bytes }} Authority
 */
import { constants, createHash, generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import { concat, fromHex, utf8 } from '../src/bytes.js';
import { bits, generalized, integer, name, nothing, octets, oid, seq, tlv, utc, yes } from './der-writer.js';

/** @param {Buffer} buffer @returns {Bytes} */
const bytesOf = (buffer) => new Uint8Array(buffer);

/** @param {Bytes} bytes @param {string} [hash] @returns {Bytes} */
export function hashOf(bytes, hash = 'sha256') {
  return bytesOf(createHash(hash).update(bytes).digest());
}

/** @param {'rsa' | 'P-256' | 'P-384'} family @returns {Key} */
export function makeKey(family) {
  const pair = family === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: family });
  const spki = bytesOf(pair.publicKey.export({ type: 'spki', format: 'der' }));
  return { privateKey: pair.privateKey, spki, alg: { rsa: -257, 'P-256': -7, 'P-384': -35 }[family] };
}

/** A signature by a COSE algorithm; ECDSA as r‖s. @param {Key} key @param {Bytes} data @param {number} [alg] @returns {Bytes} */
export function signRaw({ privateKey, alg: usual }, data, alg = usual) {
  const hash = alg === -35 ? 'sha384' : 'sha256';
  const pss = { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return bytesOf(nodeSign(hash, data, alg === -37 ? pss : { key: privateKey, dsaEncoding: 'ieee-p1363' }));
}

/** @param {Key} key @param {Bytes} data @param {string} hash @returns {Bytes} */
export function signDer({ privateKey }, data, hash) {
  return bytesOf(nodeSign(hash, data, privateKey));
}

const SIGNATURES = {
  [-257]: { identifier: seq(oid('1.2.840.113549.1.1.11'), nothing), hash: 'sha256' },
  [-7]: { identifier: seq(oid('1.2.840.10045.4.3.2')), hash: 'sha256' },
  [-35]: { identifier: seq(oid('1.2.840.10045.4.3.3')), hash: 'sha384' },
};

/** SEQUENCE of tbs, algorithm and signature. @param {Key} key @param {(algorithm: Bytes) => Bytes} tbsOf @param {Bytes} [more] */
function signed(key, tbsOf, more = new Uint8Array()) {
  const { identifier, hash } = SIGNATURES[/** @type {keyof typeof SIGNATURES} */ (key.alg)];
  const tbs = tbsOf(identifier);
  return seq(tbs, identifier, bits(signDer(key, tbs, hash)), more);
}

/** @param {string} id @param {Bytes} value @param {boolean} [critical] */
export function extension(id, value, critical = false) {
  return critical ? seq(oid(id), yes, octets(value)) : seq(oid(id), octets(value));
}

/** keyUsage of one byte. @param {number} byte e.g. 0x80 digitalSignature, 0x06 certificates and CRLs */
export function keyUsage(byte) {
  const unused = Math.log2(byte & -byte);
  return extension('2.5.29.15', tlv(0x03, Uint8Array.of(unused, byte)), true);
}

/** @param {number} [pathLength] */
export const caConstraints = (pathLength) => extension('2.5.29.19', seq(yes, ...(pathLength === undefined ? [] : [integer(pathLength)])), true);
/** @param {string[]} usages @param {boolean} [critical] */
export const extendedUsage = (usages, critical = false) => extension('2.5.29.37', seq(...usages.map(oid)), critical);
/** @param {string[]} policies */
export const certificatePolicies = (policies) => extension('2.5.29.32', seq(...policies.map((policy) => seq(oid(policy)))));
/** @param {Bytes} id */
export const subjectKeyId = (id) => extension('2.5.29.14', octets(id));
/** @param {Bytes} id */
export const authorityKeyId = (id) => extension('2.5.29.35', seq(tlv(0x80, id)));

/** @param {{ subject: string, issuer: string, issuerKey: Key, spki: Bytes, serial: number, from: number, to: number, extensions: Bytes[] }} template */
export function certificate({ subject, issuer, issuerKey, spki, serial, from, to, extensions }) {
  return signed(issuerKey, (algorithm) =>
    seq(tlv(0xa0, integer(2)), integer(serial), algorithm, name(issuer), seq(utc(from), utc(to)), name(subject), spki, tlv(0xa3, seq(...extensions))),
  );
}

/** PEM of certificates. @param {...Bytes} ders */
export function pem(...ders) {
  return utf8(ders.map((der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`).join(''));
}

/** A CV certificate. @param {{ issuerId: Bytes, subjectId: Bytes, key: Key, issuerKey: Key }} template */
export function cvCertificate({ issuerId, subjectId, key, issuerKey }) {
  const modulus = key.spki.subarray(key.spki.length - 261, key.spki.length - 5);
  const body = concat(issuerId, subjectId, fromHex('9003010001'), fromHex('91820100'), modulus);
  return concat(fromHex('7f21820233'), fromHex('5f4e820129'), body, fromHex('5f37820100'), signRaw(issuerKey, body));
}

/** @param {Authority} authority @param {{ at: number, revoked: { serial: number, at: number }[], extensions?: Bytes[] }} list */
export function crl({ subject, key }, { at, revoked, extensions = [] }) {
  const entries = revoked.map((entry) => seq(integer(entry.serial), utc(entry.at)));
  return signed(key, (algorithm) =>
    seq(integer(1), algorithm, name(subject), utc(at), utc(at + 86_400_000), ...(entries.length ? [seq(...entries)] : []), ...(extensions.length ? [tlv(0xa0, seq(...extensions))] : [])),
  );
}

/** Content of an SPKI's BIT STRING, for EC P-256, P-384 and RSA-2048. @param {Bytes} spki */
function keyBits(spki) {
  return spki.length > 200 ? spki.subarray(24) : spki.subarray(spki[1] === 0x59 ? 26 : 23);
}

/**
 * @param {Authority} authority
 * @param {{ serial: number, at: number, produced: number, revokedAt: number | null, status?: 'unknown', hash?: string, responder?: { key: Key, der: Bytes, subject: string } }} answer
 */
export function ocsp({ subject, key }, { serial, at, produced, revokedAt, status, hash = 'sha1', responder }) {
  const hashOid = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2' }[hash] ?? '';
  const id = seq(seq(oid(hashOid), nothing), octets(hashOf(name(subject), hash)), octets(hashOf(keyBits(key.spki), hash)), integer(serial));
  const known = revokedAt === null ? tlv(0x80) : tlv(0xa1, generalized(revokedAt), tlv(0xa0, tlv(0x0a, Uint8Array.of(6))));
  const one = seq(id, status ? tlv(0x82) : known, generalized(at));
  const byName = tlv(0xa1, name(responder?.subject ?? subject));
  const data = seq(byName, generalized(produced), seq(one));
  const basic = signed(responder?.key ?? key, () => data, responder ? tlv(0xa0, seq(responder.der)) : undefined);
  return seq(tlv(0x0a, Uint8Array.of(0)), tlv(0xa0, seq(oid('1.3.6.1.5.5.7.48.1.1'), octets(basic))));
}
