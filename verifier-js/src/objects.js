/**
 * The signed objects, the containers around them and the bundle (formats.md 3, jushin.cddl). Messages: messages.js.
 *
 * Each function takes a CBOR item and gives the object, or throws a CborError.
 */
import { decode } from './cbor.js';
import { algorithm, array, bool, bytes, choice, date, fixed, h32, id16, inst, list, nilOr, pid, text, ticks, uint, unsigned } from './fields.js';

/**
 * `[type, 1, …fields]`.
 *
 * @template {Record<string, import('./fields.js').Kind<any>>} F
 * @param {number} type
 * @param {F} fields
 * @param {(value: import('./fields.js').Fields<F>) => string | false | undefined} [rule]
 * @returns {import('./fields.js').Kind<import('./fields.js').Fields<F>>}
 */
export function versioned(type, fields, rule) {
  return array({ type_: fixed(BigInt(type)), version_: fixed(1n), ...fields }, /** @type {any} */ (rule));
}

/**
 * Decodes bytes as an object.
 *
 * @template T
 * @param {import('./fields.js').Kind<T>} kind
 * @param {import('./bytes.js').Bytes} encoded
 * @returns {T}
 */
export function read(kind, encoded) {
  return kind(decode(encoded));
}

/**
 * The object, or null if the bytes are not one.
 *
 * @template T
 * @param {import('./fields.js').Kind<T>} kind
 * @param {import('./bytes.js').Bytes} encoded
 * @returns {T | null}
 */
export function tryRead(kind, encoded) {
  try {
    return read(kind, encoded);
  } catch {
    return null;
  }
}

const sign1 = bytes();
const der = bytes();
const reasons = list(uint);
const orNone = nilOr(uint);
const record = { t: ticks, ctr: uint, prev: h32 };

// Enrolment
export const tickSpec = array({ kind: choice(1, 2), tauUs: uint, rhoPpm: unsigned(0n, 999_999n) }, (it) =>
  it.kind === 1 ? it.tauUs === 0n && 'ticks of some length' : (it.tauUs !== 0n || it.rhoPpm !== 0n) && 'dates without a tick',
);
export const seCsr = versioned(1, { spkiDev: der, spkiSeal: der, spkiInst: nilOr(der), model: text(), fw: text(), profile: choice(1, 3), tick: tickSpec, n: h32 });
export const seExt = array({ profile: choice(1, 3), tick: tickSpec, counterName: nilOr(bytes()), simulated: bool }, (it) =>
  (it.counterName !== null) !== (it.profile === 2) && 'a counter name exactly for profile 2',
);
export const seCaExt = array({ simulated: bool });
export const appoint = versioned(4, { se: id16, terminal: id16, termKey: h32, i: inst });
export const inject = versioned(5, { se: id16, kind: choice(1, 3), epoch: uint, keep: uint, value: bytes(), cv: nilOr(der) }, (it) => {
  if ((it.cv !== null) !== (it.kind === 1)) return 'a CV certificate exactly for kind 1';
  if (it.kind !== 2 && (it.epoch !== 0n || it.keep !== 0n)) return 'no epochs but for kind 2';
  return it.kind === 2 && it.value.length !== 32 && 'a key of 32 bytes';
});
const admin = array({ kind: choice(1, 2), spki: h32 });
const policy = array({ beginOn: uint, ticksOn: uint, beginOff: uint, ticksOff: uint, sessionTicks: uint, bracketMs: uint, methods: uint });
export const binding = versioned(
  2,
  {
    bindId: id16, seq: uint, state: choice(1, 3), fromMc: orNone, se: id16, terminal: id16, termKey: h32, i: inst, cvHash: h32,
    admins: list(admin), spKey: h32, tsa: list(h32, 1), nb: uint, na: uint, pol: policy,
  },
  (it) => (it.state !== 1 && it.fromMc === null ? 'a first void counter' : it.nb > it.na && 'dates in order'),
);
export const bindAck = versioned(3, { se: id16, bindH: h32, seq: uint, ...record });

// Unlock
export const actChal = versioned(10, { n: h32, spTime: uint, se: id16 });
export const ts1 = versioned(11, { se: id16, bindH: h32, n: h32, spTime: uint, ...record });
export const act = versioned(12, { actId: id16, se: id16, tn: id16, ctr: uint, ts1H: h32, tstH: h32, bindSeq: uint, begins: uint, maxticks: uint });
export const ts2 = versioned(13, { se: id16, actId: id16, tstH: h32, actH: h32, ...record });
export const adm = versioned(14, { se: id16, i: inst, bindH: h32, t: ticks, ctr: uint, sn: id16, claimed: uint, lastAnchor: h32, begins: uint, prev: h32 });
export const tpmRecord = versioned(16, { payload: bytes(), attestNv: bytes(), sigNv: bytes(64, 64), attestTime: bytes(), sigTime: bytes(64, 64) });
export const pair = versioned(17, { se: id16, tn: id16 });
export const tpmGrant = versioned(18, { se: id16, policyRef: bytes(), cpHash: bytes(0, 32), sig: bytes() });
export const onlineAnchor = versioned(15, { kind_: fixed(1n), ts1S: sign1, tst: der, actS: sign1, ts2S: sign1 });
export const offlineAnchor = versioned(15, { kind_: fixed(2n), admS: sign1, cert: der });
export const closeAnchor = versioned(15, { kind_: fixed(3n), closeS: sign1, tst: der });
export const beaconAnchor = versioned(15, { kind_: fixed(4n), beaconS: sign1, tst: der });

// Check-in
export const presence = versioned(
  20,
  {
    i: inst, se: id16, desk: nilOr(id16), anchorH: h32, t: ticks, ctr: uint, sn: id16, rndIcc: bytes(8, 32), ea: choice(1, 3), certH: h32,
    method: choice(1, 4), methodRec: nilOr(h32), purpose: choice(1, 4), consentH: nilOr(h32), beaconH: nilOr(h32), prev: h32,
  },
  (it) => (it.consentH !== null) !== (it.purpose === 3) && 'a consent exactly for purpose 3',
);
export const commit = versioned(21, { se: id16, outcome: choice(1, 3), presH: h32, csigH: nilOr(h32), ...record }, (it) =>
  (it.csigH !== null) !== (it.outcome === 1) && 'a card signature exactly for outcome 1',
);
export const boot = versioned(22, { se: id16, t: ticks, ctr: uint, pending: orNone, prev: h32 });
export const beacon = versioned(23, { seq: uint, issued: uint, revlists: h32 });
export const stamp = versioned(24, { se: id16, anchorH: h32, ctx: text(), msg: h32, ...record }, (it) => {
  if (!['heartbeat', 'batch', 'document'].includes(it.ctx)) return 'a known stamp';
  return it.ctx === 'heartbeat' && it.msg.some((byte) => byte !== 0) && 'a heartbeat of zeros';
});
export const close = versioned(31, { se: id16, n: h32, head: h32, lo: uint, hi: uint, ...record });

// Results
export const evidence = versioned(30, { pres: bytes(), calg: algorithm, csig: bytes(), cert: der, blind: h32, eaSig: bytes(), commitS: sign1 });
export const redacted = versioned(38, { pres: bytes(), commitS: sign1 });
const gap = array({ first: uint, last: uint });
const item = array({ ctr: uint, status: choice(0, 4), reasons, pid: nilOr(pid) });
export const receipt = versioned(32, { se: id16, lo: uint, hi: uint, head: h32, at: uint, gaps: list(gap), items: list(item) });
export const verdict = versioned(33, {
  evid: h32, status: choice(0, 4), cls: choice(0, 4), lo: orNone, hi: orNone, reasons, policyId: h32, simulated: bool, at: uint,
});
export const ref = versioned(34, { evid: nilOr(h32), bgH: nilOr(h32), provider: inst, subject: pid, at: uint }, (it) =>
  it.evid === null && it.bgH === null && 'an evid or a break-glass',
);
export const visit = versioned(35, { evid: h32, verdictH: h32, i: inst, subject: pid, local: pid });
export const elig = versioned(36, { evid: h32, validity: choice(1, 6), insurer: text(), copay: choice(0, 3), at: uint });
export const paper = versioned(37, { evid: h32, leaf: orNone, date, i: inst });
export const cardId = versioned(50, { i: inst, scope: nilOr(id16), epoch: uint });
export const link = versioned(51, { i: inst, old: pid, new: pid, at: uint, evid: h32 });
export const revList = versioned(60, { i: inst, epoch: uint, seq: uint, this: uint, next: uint, base: orNone, add: list(h32), gone: list(h32) });

// Consent
/** @param {bigint[]} scopes */
const disorder = (scopes) => scopes.some((scope, i) => i > 0 && scope <= scopes[i - 1]) && 'scopes in order';
const visitSel = array({ kind: choice(0, 2), evids: list(h32), lo: orNone, hi: orNone });
export const consent = versioned(70, { requester: inst, scopes: list(uint, 1), visits: visitSel, purpose: uint, exp: uint, n: id16 }, (it) =>
  disorder(it.scopes),
);
export const cap = versioned(
  71,
  {
    capId: id16, requester: inst, cnf: h32, provider: inst, subject: pid, scopes: list(uint, 1), evid: nilOr(h32),
    consentH: nilOr(h32), bgH: nilOr(h32), nb: uint, exp: uint,
  },
  (it) => disorder(it.scopes),
);
export const pop = versioned(72, { capH: h32, n: h32, method: text(), target: h32, at: uint });
export const breakGlass = versioned(
  73,
  {
    requester: inst, doctor: h32, second: nilOr(h32), reason: choice(1, 4), text: text(1, 400), patient: h32, evid: nilOr(h32), at: uint, n: id16,
  },
  (it) => {
    if ((it.second !== null) !== (it.evid === null)) return 'a second doctor exactly without a card';
    return it.second !== null && it.second.every((byte, i) => byte === it.doctor[i]) && 'two different doctors';
  },
);

// Containers
const blobs = list(bytes());
export const bundle = array({
  name_: fixed('jushin-bundle'), version_: fixed(1n), evs: blobs, anchors: blobs, records: blobs, certs: blobs,
  revocation: blobs, bindings: blobs, results: blobs, proofs: blobs,
});
export const trustList = list(array({ name: text(), hash: h32 }));

/** The seven types that an element signs, by type number. */
export const RECORDS = { 3: bindAck, 11: ts1, 13: ts2, 21: commit, 22: boot, 24: stamp, 31: close };

/**
 * @template K
 * @typedef {K extends import('./fields.js').Kind<infer T> ? T : never} ObjectOf
 */
