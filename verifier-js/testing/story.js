/**
 * A day of one element, made from a seed and signed with real keys: unlocks, visits, stamps, closes, receipts; and now and
 * then, something that is not as it should be. `twists` says what.
 *
 * @typedef {import('../src/bytes.js').Bytes} Bytes
 * @typedef {import('./device.js').Made} Made
 * @typedef {{ evidence: any[], presence: any[], mc1: bigint, evid: Bytes }} Visit
 */
import { concat, utf8 } from '../src/bytes.js';
import { encode } from '../src/cbor.js';
import { headerOf, toBeSigned } from '../src/cose.js';
import { Device, sign1 } from './device.js';
import { tlv } from './der-writer.js';
import * as issue from './issue.js';
import { Random } from './random.js';
import { token } from './stamp.js';
import { CARD_POINT, DAY, INSTITUTION, MORNING, POLICY, issuingPoint } from './world.js';

const { hashOf } = issue;
const RATES = [0, 0.004, 0.012, 0.03];
const FRACTIONS = ['', '.5', '.123', '.1234', '.000001'];
const ACCURACIES = [null, { seconds: 1 }, { millis: 500 }, { seconds: 0 }, { millis: 100, micros: 1 }, { seconds: 2, micros: 999 }];

export class Story {
  /** @param {import('./world.js').World} world @param {number} seed */
  constructor(world, seed) {
    this.world = world;
    this.random = new Random(seed);
    this.rate = this.random.pick(RATES);
    /** @type {string[]} */
    this.twists = [];
    this.twist = this.twist.bind(this);
    this.lists = Object.fromEntries(['evs', 'anchors', 'records', 'certs', 'revocation', 'bindings', 'results'].map((list) => [list, /** @type {Bytes[]} */ ([])]));
    this.device = new Device(this.random.pick(world.elements), this.random, this.twist);
    this.se = this.device.element.se;
    this.offline = this.random.below(4) === 0;
    this.admin = this.pickAdmin();
    this.provider = this.twist('other provider') ? this.world.provider2 : this.world.provider;
    this.binding = this.bind();
    /** @type {Visit[]} */
    this.visits = [];
    this.redacted = this.random.below(5) === 0;
  }

  /** Whether something named goes wrong here. @param {string} name @param {number} [times] likelier */
  twist(name, times = 1) {
    const happens = this.random.below(10_000) < 10_000 * this.rate * times;
    if (happens) this.twists.push(name);
    return happens;
  }

  /** @template T @param {T} usual @param {string} name @param {T} other */
  usually(usual, name, other) {
    return this.twist(name) ? other : usual;
  }

  pickAdmin() {
    const { world } = this;
    if (this.twist('admin of the signing kind')) return world.member(world.staffCa, { policies: [POLICY.staff, POLICY.staffSigning], key: world.staff[0].key });
    if (this.twist('admin out of date')) return world.member(world.staffCa, { to: MORNING - 2 * DAY, key: world.staff[0].key });
    return this.random.pick([...world.staff, world.cards[0]]);
  }

  bind() {
    const { world, random } = this;
    const kind = this.admin.issuer === world.cardCa ? 1n : 2n;
    const cv = world.cv({
      institution: this.usually(INSTITUTION, 'CV of another', '1312345679'), issuerKey: this.usually(world.cvKey, 'CV by a stranger', world.strangeCvKey),
      issuerId: this.usually(utf8('CA-I generation1'), 'CV of another authority', utf8('CA-I generation2')),
    });
    const methods = this.usually(0b11110n, 'no methods', 0b10n);
    const policy = [100n, 1n << 40n, 20n, 1n << 40n, this.usually(60_000n, 'short sessions', 2n), 60_000n, methods];
    const item = [
      2n, 1n, new Uint8Array(16).fill(7), 3n, this.usually(1n, 'suspended', 2n), null, this.se, new Uint8Array(16).fill(9), hashOf(world.terminalKey.spki),
      this.usually(INSTITUTION, 'binding of another', '1312345679'), hashOf(cv), [[this.usually(kind, 'admin of another kind', 3n - kind), hashOf(this.admin.key.spki)]],
      hashOf(this.usually(this.provider, 'another provider in the binding', world.stranger).key.spki), [new Uint8Array(32)],
      BigInt(this.usually(MORNING - 50 * DAY, 'binding not yet', MORNING + DAY)), BigInt(this.usually(MORNING + 50 * DAY, 'binding no more', MORNING - DAY)), policy,
    ];
    if (item[4] === 2n) item[5] = 5000n;
    if (/** @type {bigint} */ (item[14]) > /** @type {bigint} */ (item[15])) item[15] = /** @type {bigint} */ (item[14]) + 5n;
    if (this.twist('voided', 2)) this.stop(item, this.device.ctr + BigInt(random.below(14)));
    if (!this.twist('no binding')) this.addBinding(item);
    if (!this.twist('no CV')) this.lists.certs.push(cv);
    return { hash: hashOf(encode(item)), seq: 3n };
  }

  /** @param {any[]} item @param {bigint} from */
  stop(item, from) {
    const changed = (/** @type {Record<number, any>} */ fields) => item.map((field, i) => fields[i] ?? field);
    this.addBinding(changed({ 3: 4n, 4: BigInt(2 + this.random.below(2)), 5: from }));
    if (this.random.below(2) === 0) this.addBinding(changed({ 3: BigInt(3 + this.random.below(4)), 4: 1n, 5: from + BigInt(this.random.below(5)) }));
  }

  /** @param {any[]} item */
  addBinding(item) {
    const signer = this.usually(this.world.bind, 'binding by a stranger', this.world.stranger);
    this.lists.bindings.push(sign1(signer.key, 'binding', encode(item), { kid: !this.twist('binding without kid') }));
  }

  /** @param {Bytes} signed */
  stamp(signed) {
    const { random, world } = this;
    const stamper = this.usually(random.pick(world.stampers), 'strange stamper', world.strangeStamper);
    const hash = random.pick(/** @type {const} */ (['sha256', 'sha384', 'sha512']));
    const drift = this.twist('time off', 2) ? random.below(20_000) - 10_000 : random.below(100);
    const imprint = hashOf(this.twist('stamp of something else') ? utf8('else') : signed);
    const ess = random.pick(/** @type {const} */ ([null, 'sha256', 'sha512']));
    return token(stamper, imprint, { at: this.device.at + drift, fraction: random.pick(FRACTIONS), accuracy: random.pick(ACCURACIES), hash, ess });
  }

  /** @param {Made} made */
  keep(made) {
    if (!this.twist('record lost', 2)) this.lists.records.push(made.signed);
    return made;
  }

  powerOn() {
    const pending = this.random.below(4) === 0 ? this.device.ctr - BigInt(this.random.below(3)) : null;
    this.device.powerOn();
    this.keep(this.device.record(({ t, ctr, prev }) => [22n, 1n, this.se, t, ctr, pending, prev]));
  }

  unlockOnline() {
    const { device, se, random } = this;
    const ts1 = device.record(({ t, ctr, prev }) => [11n, 1n, se, this.usually(this.binding.hash, 'ts1 of another binding', device.bytes(32)), device.bytes(32), BigInt(device.at), t, ctr, prev]);
    device.wait(30);
    const tst = this.stamp(ts1.signed);
    const tstH = hashOf(tst);
    const actId = device.bytes(16);
    const act = encode([
      12n, 1n, actId, se, this.usually(device.tn, 'act of another cycle', device.bytes(16)), this.usually(ts1.ctr, 'act of another counter', ts1.ctr + 1n), ts1.hash, tstH,
      this.usually(this.binding.seq, 'act of another seq', 9n), 100n, 1_000_000n,
    ]);
    const signer = this.usually(this.provider, 'act by a stranger', this.world.stranger);
    const actS = sign1(signer.key, 'act', act, { kid: this.twist('act with kid') });
    device.wait(random.below(3000));
    if (this.twist('power cut in the bracket')) device.powerOn();
    const ts2 = device.record(({ t, ctr, prev }) => [13n, 1n, se, this.usually(actId, 'ts2 of another act', device.bytes(16)), tstH, hashOf(act), t, ctr, prev]);
    const isOpen = this.twist('open bracket', 2);
    const noAct = isOpen && random.below(2) === 0;
    const none = new Uint8Array();
    const anchor = [15n, 1n, 1n, ts1.signed, tst, noAct ? none : actS, isOpen ? none : ts2.signed];
    if (!this.twist('unlock lost')) this.lists.anchors.push(encode(anchor));
    if (this.twist('unlock broken beside')) this.lists.anchors.unshift(encode(anchor.with(4, this.stamp(utf8('x')))));
    if (this.twist('unlock as records')) this.lists.records.push(ts1.signed, ts2.signed);
    if (isOpen && random.below(2) === 0) this.lists.records.push(ts2.signed);
    return hashOf(encode([ts1.hash, tstH, hashOf(act), ts2.hash]));
  }

  unlockOffline() {
    const { device, se, world } = this;
    const { t, ctr, prev } = device.next();
    const other = this.usually(se, 'adm of another element', new Uint8Array(16));
    const adm = encode([14n, 1n, other, this.usually(INSTITUTION, 'adm of another', '1312345679'), this.binding.hash, t, ctr, device.bytes(16), BigInt(device.at), new Uint8Array(32), 20n, prev]);
    device.prev = hashOf(adm);
    const admS = sign1(this.admin.key, 'admin-activate', adm, { alg: this.usually(-257, 'adm with PSS', -37), kid: this.twist('adm with kid') });
    const cert = this.usually(this.admin, 'adm by another', world.staff[1]).der;
    if (!this.twist('unlock lost')) this.lists.anchors.push(encode([15n, 1n, 2n, admS, cert]));
    if (this.twist('adm with two certificates')) this.lists.anchors.unshift(encode([15n, 1n, 2n, admS, world.member(world.staffCa, { key: this.admin.key, to: MORNING + DAY }).der]));
    if (!this.twist('no intermediate')) this.lists.certs.push(world.staffSubCa.der);
    return hashOf(admS);
  }

  beacon() {
    if (this.random.below(3) > 0) return null;
    const payload = encode([23n, 1n, 1n, BigInt(this.device.at), this.device.bytes(32)]);
    const signed = sign1(this.world.stranger.key, 'beacon', payload, { kid: !this.twist('beacon without kid') });
    const tst = this.stamp(signed);
    if (!this.twist('beacon lost')) this.lists.anchors.push(encode([15n, 1n, 4n, signed, tst]));
    return hashOf(encode([hashOf(payload), hashOf(tst)]));
  }

  pickCard() {
    const { world, random } = this;
    const card = random.pick(world.cards.slice(0, 3));
    const again = (/** @type {Parameters<import('./world.js').World['card']>[2]} */ how) => world.card(card.issuer, card.key, how);
    if (this.twist('card of a stranger')) return world.card(world.strangeCardCa, card.key);
    if (this.twist('card without policy')) return again({ policies: [] });
    if (this.twist('card for signing')) return again({ usage: 0xc0 });
    if (this.twist('card out of date')) return again({ to: MORNING - DAY });
    if (this.twist('card not yet')) return again({ from: MORNING + DAY });
    if (this.twist('card expires now')) return again({ to: this.device.at + 500 - (this.device.at % 1000) });
    if (this.twist('card without clientAuth')) return again({ clientAuth: false });
    if (this.twist('card with a critical extension')) return again({ more: [issue.extension('1.2.3', new Uint8Array(), true)] });
    return this.usually(card, 'card on P-256', world.cards[3]);
  }

  /** @param {Bytes} anchorH */
  visit(anchorH) {
    const { device, random, se } = this;
    const card = this.pickCard();
    const calg = this.usually(card.key.alg === -257 ? random.pick([-257, -37]) : card.key.alg, 'calg', random.pick([-7, -8, -35, -37, -257]));
    const blind = device.bytes(32);
    const ea = 1 + random.below(3);
    const rndIcc = device.bytes(8 + random.below(25));
    const purpose = BigInt(1 + random.below(4));
    const isTpm = device.element.profile === 2;
    const before = this.lists.records.length > 0 && isTpm ? hashOf(this.lists.records[this.lists.records.length - 1]) : device.bytes(32);
    const beaconH = this.beacon();
    const { t, ctr, prev } = device.next();
    const sn = isTpm && !this.twist('sn') ? before.subarray(0, 16) : device.bytes(16);
    const presence = [
      20n, 1n, this.usually(INSTITUTION, 'presence of another', '1312345679'), se, null, this.usually(anchorH, 'another unlock', device.bytes(32)),
      this.twist('presence of another cycle') ? [device.bytes(16), t[1]] : t, ctr, sn, rndIcc, BigInt(ea),
      hashOf(concat(this.usually(blind, 'another blind', device.bytes(32)), card.der)), BigInt(1 + random.below(4)), null, purpose, purpose === 3n ? device.bytes(32) : null, beaconH, prev,
    ];
    const pres = encode(presence);
    const presHash = hashOf(pres);
    device.prev = presHash;
    const tbs = toBeSigned('presence', headerOf(calg), pres);
    const digest = hashOf(tbs, calg === -35 ? 'sha384' : 'sha256');
    const message = (ea === 3) !== this.twist('another ea') ? concat(utf8('jushin/1/card-ea'), rndIcc, utf8(INSTITUTION), digest) : tbs;
    const csig = issue.signRaw(card.key, message, card.key.alg === -257 && calg === -37 ? -37 : card.key.alg);
    device.wait(400);
    const outcome = this.usually(1n, 'visit refused', 2n);
    if (this.twist('power cut in the visit')) device.powerOn();
    const commit = device.record((next) => [
      21n, 1n, se, outcome, this.usually(hashOf(tbs), 'another D', device.bytes(32)), outcome === 1n ? this.usually(hashOf(csig), 'another csig', device.bytes(32)) : null,
      this.twist('ticks before the presence') ? [device.tn, t[1] > 5n ? t[1] - 5n : 0n] : next.t, next.ctr, this.usually(presHash, 'commit of another', device.bytes(32)),
    ]);
    const evidence = [30n, 1n, pres, BigInt(calg), this.usually(csig, 'csig of a stranger', issue.signRaw(card.key, utf8('x'))), card.der, blind, new Uint8Array(), commit.signed];
    this.revokeCard(card);
    this.visits.push({ evidence, presence, mc1: ctr, evid: hashOf(commit.payload) });
    if (this.twist('commit as record')) this.lists.records.push(commit.signed);
    if (isTpm) this.lists.records.push(commit.signed);
  }

  /** @param {import('./world.js').Holder} card */
  revokeCard(card) {
    const { random, world, device } = this;
    if (this.twist('no data about the card', 2)) return;
    const at = this.twist('old data') ? device.at - 5 * DAY : device.at + random.below(2) * DAY + random.below(2000);
    const revoked = this.twist('card revoked', 3) ? device.at - (device.at % 1000) + (random.below(7) - 3) * random.pick([1000, 3_600_000]) : null;
    const { serial, issuer } = card;
    if (random.below(2) === 0) {
      const name = random.pick([null, CARD_POINT, tlv(0xa0, tlv(0xa0, tlv(0x86, utf8('ldap://crl/2'))))]);
      const point = this.twist('point of CAs') ? [tlv(0x82, Uint8Array.of(255))] : name ? [name] : [tlv(0x81, Uint8Array.of(255))];
      const others = [{ serial: 5, at: MORNING - DAY }];
      this.lists.revocation.push(issue.crl(issuer, { at, revoked: revoked === null ? others : [...others, { serial, at: revoked }], extensions: random.below(2) ? [issuingPoint(...point)] : [] }));
    }
    if (random.below(3) === 0) return;
    const isFirst = issuer === world.cardCa;
    this.lists.revocation.push(
      issue.ocsp(issuer, {
        serial, at, produced: at, revokedAt: revoked, hash: this.usually(random.pick(['sha1', 'sha256']), 'OCSP by another hash', 'sha384'),
        status: this.twist('OCSP unknown') ? 'unknown' : undefined, responder: isFirst && random.below(2) === 0 ? { ...world.responder, subject: 'Responder' } : undefined,
      }),
    );
  }

  others() {
    const { device, se, random } = this;
    const what = random.below(5);
    if (what < 2) this.keep(device.record(({ t, ctr, prev }) => [24n, 1n, se, device.bytes(32), 'heartbeat', new Uint8Array(32), t, ctr, prev]));
    if (what === 2) {
      device.next();
      if (random.below(2) === 0) this.keep(device.record(({ t, ctr, prev }) => [21n, 1n, se, BigInt(2 + random.below(2)), device.bytes(32), null, t, ctr, prev]));
      if (random.below(2) === 0) this.powerOn();
    }
    if (this.twist('fork', 2)) {
      device.ctr -= 1n;
      this.keep(device.record(({ t, ctr, prev }) => [24n, 1n, se, device.bytes(32), 'document', device.bytes(32), t, ctr, prev]));
    }
  }

  close() {
    const { device, se } = this;
    const made = device.record(({ t, ctr, prev }) => [31n, 1n, se, device.bytes(32), device.bytes(32), 1n, ctr > 0n ? ctr - 1n : 0n, t, ctr, prev]);
    this.lists.anchors.push(encode([15n, 1n, 3n, made.signed, this.stamp(made.signed)]));
  }

  receipts() {
    const { random, world, device } = this;
    for (const visit of this.visits) {
      if (random.below(2) === 0) continue;
      const gaps = [visit.mc1 - 1n, visit.mc1 + 2n].filter((ctr) => ctr >= 0n && random.below(4) === 0).map((ctr) => [ctr, ctr + BigInt(random.below(2))]);
      const payload = encode([32n, 1n, this.usually(this.se, 'receipt of another', new Uint8Array(16)), 1n, 100n, device.bytes(32), BigInt(device.at), gaps, []]);
      this.lists.results.push(sign1(this.usually(world.receipts, 'receipt by a stranger', world.stranger).key, 'receipt', payload, { kid: !this.twist('receipt without kid') }));
    }
  }

  verdicts() {
    const { random, world } = this;
    for (const { evid } of this.visits) {
      for (let i = random.below(3); i > 0; i -= 1) {
        const end = random.pick([null, BigInt(this.device.at - random.below(3_600_000))]);
        const start = random.pick([null, BigInt(this.device.at - 3_600_000 - random.below(3_600_000))]);
        const status = BigInt(random.pick([0, 0, 0, 1, 2, 3, 4]));
        const payload = encode([33n, 1n, evid, status, BigInt(random.below(5)), start, end, random.pick([[], [11n], [10n, 77n], [0n, 15n]]), new Uint8Array(32), random.below(2) === 0, BigInt(MORNING + random.below(2))]);
        this.lists.results.push(sign1(world.receipts.key, 'verdict', payload, { kid: true }));
      }
    }
  }

  certificates() {
    const { world, twist, device, lists } = this;
    const { element } = device;
    const again = (/** @type {Partial<Parameters<import('./world.js').World['element']>[0]>} */ how) =>
      world.element({ profile: element.profile, tick: element.tick, counterName: element.counterName, authority: element.issuer, simulated: element.issuer !== world.soundElementCa, key: element.key, ...how });
    let certificate = element;
    if (twist('element of a stranger')) certificate = again({ authority: world.strangeElementCa });
    if (twist('element out of date')) certificate = again({ to: MORNING - DAY });
    if (twist('element expires now')) certificate = again({ to: device.at });
    if (twist('element not marked')) certificate = again({ simulated: false });
    if (twist('element twice')) lists.certs.push(again({ tick: [1n, 2000n, 5n] }).der);
    if (twist('element counter twin', 2)) lists.certs.push(world.counterTwin.der);
    if (!twist('no element')) lists.certs.push(certificate.der);
    const when = device.at + this.random.below(2) * DAY;
    const revoked = twist('element revoked', 3) ? [{ serial: certificate.serial, at: device.at + (this.random.below(5) - 3) * 3_600_000 }] : [];
    if (this.random.below(2) === 0) lists.revocation.push(issue.crl(certificate.issuer, { at: when, revoked }));
    const admin = { serial: this.admin.serial, at: device.at + (this.random.below(5) - 3) * 3_600_000 };
    if (this.offline && !twist('no data about the admin')) lists.revocation.push(issue.crl(this.admin.issuer, { at: when, revoked: twist('admin revoked', 3) ? [admin] : [] }));
  }

  /** The bundle of the day. @returns {Bytes} */
  bundle() {
    const { random, device } = this;
    this.powerOn();
    if (random.below(3) === 0) this.keep(device.record(({ t, ctr, prev }) => [3n, 1n, this.se, this.binding.hash, 3n, t, ctr, prev]));
    const before = this.offline && random.below(2) === 0;
    if (before) this.unlockOnline();
    const anchorH = this.offline ? this.unlockOffline() : this.unlockOnline();
    for (let i = random.below(3); i > 0; i -= 1) this.others();
    device.wait(random.pick([0, 1000, 600_000, 20_000_000]));
    this.visit(anchorH);
    for (let i = random.below(3); i > 0; i -= 1) this.others();
    if (random.below(3) === 0) this.visit(anchorH);
    if (random.below(3) === 0) this.powerOn();
    device.wait(random.pick([0, 1000, 600_000]));
    if (random.below(2) === 0) this.unlockOnline();
    if (random.below(2) === 0) this.close();
    this.receipts();
    this.certificates();
    if (this.redacted) this.verdicts();
    const { anchors, records, certs, revocation, bindings, results } = this.lists;
    const evs = this.visits.map(({ evidence }) => encode(this.redacted ? [38n, 1n, evidence[2], evidence[8]] : evidence));
    return encode(['jushin-bundle', 1n, evs, anchors, records, certs, revocation, bindings, results, []]);
  }
}
