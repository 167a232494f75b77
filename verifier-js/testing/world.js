/**
 * Everyone whom a verifier must know, made for tests: authorities, services, cards, elements and a trust folder.
 *
 * @typedef {import('../src/bytes.js').Bytes} Bytes
 * @typedef {import('./issue.js').Key} Key
 * @typedef {{ key: Key, der: Bytes, serial: number, issuer: import('./issue.js').Authority }} Holder
 */
import { concat, utf8 } from '../src/bytes.js';
import { encode } from '../src/cbor.js';
import { name, seq, tlv } from './der-writer.js';
import * as issue from './issue.js';

export const DAY = 86_400_000;
/** The day of every visit: 7 April 2026, nine in the morning in Japan. */
export const MORNING = Date.UTC(2026, 3, 7, 0, 0, 0);
export const INSTITUTION = '2613200019';
export const POLICY = { card: '2.25.154355430.1', staff: '2.25.154355430.2', staffSigning: '1.2.392.100495.1.5.1.1.3.1' };
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const ELEMENT = '2.25.154355430';

/** Where the CRL of the card CA is said to be. */
export const CARD_POINT = tlv(0xa0, tlv(0xa0, tlv(0x86, utf8('ldap://crl/1'))));

export class World {
  constructor() {
    this.serial = 100;
    this.cardCa = this.authority('Card CA', 'rsa');
    this.cardCa2 = this.authority('Card CA', 'P-384');
    this.strangeCardCa = this.authority('Card CA', 'P-256');
    this.elementCa = this.authority('Element CA', 'P-256', [issue.extension(ELEMENT, encode([true]))]);
    this.soundElementCa = this.authority('Element CA 2', 'P-256');
    this.strangeElementCa = this.authority('Element CA', 'P-256');
    this.staffCa = this.authority('Staff CA', 'P-256');
    this.staffSubCa = this.below(this.staffCa, 'Staff Sub CA', 'P-384');
    this.stampCa = this.authority('Stamp CA', 'P-256');
    this.stampSubCa = this.below(this.stampCa, 'Stamp Sub CA', 'P-384');
    this.strangeStampCa = this.authority('Stamp CA', 'P-256');
    this.cvKey = issue.makeKey('rsa');
    this.strangeCvKey = issue.makeKey('rsa');
    this.institutionKey = issue.makeKey('rsa');
    this.bind = this.service('bind');
    this.receipts = this.service('receipts');
    this.provider = this.service('provider');
    this.provider2 = this.service('provider 2');
    this.stranger = this.service('stranger');
    this.terminalKey = issue.makeKey('P-256');
    this.stampers = [this.stamper(this.stampCa, 'P-256'), this.stamper(this.stampSubCa, 'rsa'), this.stamper(this.stampCa, 'P-384')];
    this.strangeStamper = this.stamper(this.strangeStampCa, 'P-256');
    this.cards = [this.card(this.cardCa, 'rsa'), this.card(this.cardCa2, 'rsa'), this.card(this.cardCa2, 'P-384'), this.card(this.cardCa, 'P-256')];
    this.staff = [this.member(this.staffCa), this.member(this.staffSubCa)];
    const sharedName = utf8('a name of some counter, 34 bytes !');
    this.elements = [
      this.element({ profile: 3 }), this.element({ profile: 1, family: 'P-384' }), this.element({ profile: 3, family: 'rsa' }),
      this.element({ profile: 2, counterName: sharedName }), this.element({ profile: 1, tick: [2n, 0n, 0n] }),
      this.element({ profile: 3, authority: this.soundElementCa, simulated: false }), this.element({ profile: 1, tick: [1n, 1_000_000n, 40_000n] }),
      this.element({ profile: 2, counterName: utf8('another counter'), tick: [1n, 1000n, 50_000n] }),
    ];
    this.counterTwin = this.element({ profile: 2, counterName: sharedName });
    this.responder = this.leaf(this.cardCa, 'P-256', { subject: 'Responder', extensions: [issue.keyUsage(0x80), issue.extendedUsage([OCSP_SIGNING])] });
  }

  /** @param {string} subject @param {'rsa' | 'P-256' | 'P-384'} family @param {Bytes[]} [more] @returns {import('./issue.js').Authority} */
  authority(subject, family, more = []) {
    const key = issue.makeKey(family);
    return { subject, key, der: this.caCertificate(subject, key, { subject, key }, more) };
  }

  /** @param {import('./issue.js').Authority} above @param {string} subject @param {'rsa' | 'P-256' | 'P-384'} family */
  below(above, subject, family) {
    const key = issue.makeKey(family);
    return { subject, key, der: this.caCertificate(subject, key, above, []) };
  }

  /** @param {string} subject @param {Key} key @param {{ subject: string, key: Key }} above @param {Bytes[]} more */
  caCertificate(subject, key, above, more) {
    this.serial += 1;
    return issue.certificate({
      subject, issuer: above.subject, issuerKey: above.key, spki: key.spki, serial: this.serial, from: MORNING - 1000 * DAY, to: MORNING + 3000 * DAY,
      extensions: [issue.keyUsage(0x06), issue.caConstraints(), ...more],
    });
  }

  /**
   * @param {import('./issue.js').Authority} authority
   * @param {'rsa' | 'P-256' | 'P-384' | Key} key
   * @param {{ subject?: string, from?: number, to?: number, extensions: Bytes[] }} template
   * @returns {Holder}
   */
  leaf(authority, key, { subject = 'leaf', from = MORNING - 100 * DAY, to = MORNING + 300 * DAY, extensions }) {
    this.serial += 1;
    const own = typeof key === 'string' ? issue.makeKey(key) : key;
    const template = { subject, issuer: authority.subject, issuerKey: authority.key, spki: own.spki, serial: this.serial, from, to, extensions };
    return { key: own, serial: this.serial, issuer: authority, der: issue.certificate(template) };
  }

  /** @param {string} subject */
  service(subject) {
    const key = issue.makeKey('P-256');
    return this.leaf({ subject, key, der: new Uint8Array() }, key, { subject, extensions: [issue.keyUsage(0x80)] });
  }

  /** @param {import('./issue.js').Authority} authority @param {'rsa' | 'P-256' | 'P-384'} family */
  stamper(authority, family) {
    const { key, der, serial } = this.leaf(authority, family, { subject: 'Stamper', extensions: [issue.extendedUsage([TIME_STAMPING], true)] });
    return { key, der, serial, issuer: name(authority.subject), chain: [authority.der] };
  }

  /** @param {import('./issue.js').Authority} authority @param {'rsa' | 'P-256' | 'P-384' | Key} key @param {{ from?: number, to?: number, policies?: string[], usage?: number, clientAuth?: boolean, more?: Bytes[] }} [how] */
  card(authority, key, { from, to, policies = [POLICY.card], usage = 0x80, clientAuth = true, more = [] } = {}) {
    const extensions = [issue.keyUsage(usage), ...(clientAuth ? [issue.extendedUsage([CLIENT_AUTH])] : []), ...(policies.length ? [issue.certificatePolicies(policies)] : []), cardPoint(), ...more];
    return this.leaf(authority, key, { subject: 'Card', from, to, extensions });
  }

  /** @param {import('./issue.js').Authority} authority @param {{ to?: number, policies?: string[], key?: Key }} [how] */
  member(authority, { to, policies = [POLICY.staff], key } = {}) {
    return this.leaf(authority, key ?? 'rsa', { subject: 'Staff', to, extensions: [issue.keyUsage(0x80), issue.certificatePolicies(policies)] });
  }

  /**
   * @param {{ profile: number, family?: 'rsa' | 'P-256' | 'P-384', tick?: bigint[], counterName?: Bytes | null, simulated?: boolean,
   *   authority?: import('./issue.js').Authority, key?: Key, from?: number, to?: number }} how
   */
  element({ profile, family = 'P-256', tick = [1n, 1000n, 100n], counterName = null, simulated = true, authority = this.elementCa, key, from, to }) {
    const extensions = [issue.keyUsage(0x80), issue.extension(ELEMENT, encode([BigInt(profile), tick, counterName, simulated]))];
    const holder = this.leaf(authority, key ?? family, { subject: 'Element', from, to, extensions });
    return { ...holder, profile, tick, counterName, se: issue.hashOf(holder.key.spki).subarray(0, 16) };
  }

  /** @param {{ institution?: string, issuerKey?: Key, issuerId?: Bytes }} [how] */
  cv({ institution = INSTITUTION, issuerKey = this.cvKey, issuerId = utf8('CA-I generation1') } = {}) {
    return issue.cvCertificate({ issuerId, subjectId: concat(utf8(`9${institution}`), Uint8Array.of(0, 0, 0, 0, 1)), key: this.institutionKey, issuerKey });
  }

  /** Files of the trust folder. @param {string} [policy] text of policy.json */
  trustFiles(policy = '{"class_cap":{"3":4}}') {
    const ca = utf8('CA-I generation1');
    return Object.entries({
      'ca-u-1.pem': issue.pem(this.cardCa.der, this.cardCa2.der),
      'ca-i-1.bin': issue.cvCertificate({ issuerId: ca, subjectId: ca, key: this.cvKey, issuerKey: this.cvKey }),
      'se-ca-1.pem': issue.pem(this.elementCa.der),
      'se-ca-2.pem': issue.pem(this.soundElementCa.der),
      'tsa-1.pem': issue.pem(this.stampCa.der),
      'hpki-1.pem': issue.pem(this.staffCa.der),
      'sp-1.pem': issue.pem(this.provider.der),
      'sp-2.pem': issue.pem(this.provider2.der),
      'pf-bind.pem': issue.pem(this.bind.der),
      'pf-rcpt.pem': issue.pem(this.receipts.der),
      'policy.json': utf8(policy),
    }).map(([file, bytes]) => ({ name: file, bytes }));
  }
}

/** cRLDistributionPoints with {@link CARD_POINT}. */
function cardPoint() {
  return issue.extension('2.5.29.31', seq(seq(CARD_POINT)));
}

/** issuingDistributionPoint. @param {...Bytes} parts */
export function issuingPoint(...parts) {
  return issue.extension('2.5.29.28', seq(...parts), true);
}

/** Attestation by a TPM, without what {@link tail} adds. @param {number} type @param {Bytes} extraData @param {{ resets: number, restarts: number }} boots @param {Bytes} tail */
export function attestation(type, extraData, { resets, restarts }, tail) {
  const head = concat(u(0xff544347, 4), u(type, 2), u(2, 2), utf8('qs'), u(extraData.length, 2), extraData);
  return concat(head, u(123, 8), u(resets, 4), u(restarts, 4), Uint8Array.of(1), u(7, 8), tail);
}

/** Big-endian. @param {number | bigint} value @param {number} size */
export function u(value, size) {
  const bytes = new Uint8Array(size);
  for (let i = size - 1, rest = BigInt(value); i >= 0; i -= 1, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** Attested part of an attestation of type 8014. @param {Bytes} counterName @param {bigint} ctr @param {number} [offset] */
export const nvPart = (counterName, ctr, offset = 0) => concat(u(counterName.length, 2), counterName, u(offset, 2), u(8, 2), u(ctr, 8));

/** Attested part of an attestation of type 8019. @param {bigint} time @param {{ resets: number, restarts: number }} boots */
export const timePart = (time, { resets, restarts }) => concat(u(time, 8), u(1, 8), u(resets, 4), u(restarts, 4), Uint8Array.of(0), u(7, 8));

