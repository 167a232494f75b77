/**
 * Judges one visit: checks V1 to V12 (formats.md 12.3 to 12.16).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./bundle.js').Entry} Entry
 * @typedef {import('./bundle.js').Presence} Presence
 * @typedef {import('./prepare.js').Case} Case
 * @typedef {import('./prepare.js').Prepared} Prepared
 * @typedef {import('./prepare.js').NamedAnchor} NamedAnchor
 * @typedef {import('./record.js').ElementRecord} ElementRecord
 * @typedef {import('./element.js').Binding} Binding
 * @typedef {{
 *   it: Case, entry: Entry, presence: Presence, presHash: string, element: Prepared, record: ElementRecord | null,
 *   named: NamedAnchor | null, binding: Binding | null, judgement: Judgement,
 * }} Visit record = the commit, if it is a record of the element
 * @typedef {{
 *   evid: Bytes, presence: Presence | null, status: number, cls: number, window: import('./window.js').Window, reasons: number[], simulated: boolean,
 *   terminal: Bytes | null, binding: Binding | null, anchor: NamedAnchor | null, element: Prepared | null, checks: Map<number, import('./judgement.js').Outcome>,
 * }} Verdict
 */
import { equal, hex } from './bytes.js';
import { CARD_ALGORITHMS, presenceTbs, verifyCard } from './card.js';
import { institutionOf, isIssued } from './cv.js';
import { sha, shaHex } from './crypto.js';
import { classOf } from './grade.js';
import { Judgement, STATUS } from './judgement.js';
import { commit as commitKind, tryRead } from './objects.js';
import { payloadOf } from './record.js';
import { withVerdict } from './redacted.js';
import { standing } from './revocation.js';
import { anchorsContradict, intersect, lowerBounds, rounded, upperBounds, whole } from './window.js';

const SIGNED_IN_TIME = 1;
const OPEN = { lo: null, hi: null };

/** @param {Entry} entry @param {Case} it @returns {Promise<Verdict>} */
export async function judge(entry, it) {
  const judgement = new Judgement();
  const payload = payloadOf(entry.commitS);
  const evid = await sha(payload ?? entry.commitS);
  judgement.demand(1, entry.presence !== null && payload !== null && tryRead(commitKind, payload) !== null, 1);
  const presence = judgement.hasPassed(1) ? entry.presence : null;
  const element = (presence && it.elements.get(hex(presence.se))) ?? null;
  if (presence) judgement.demand(2, element !== null, 2);
  const base = { evid, presence, simulated: false, terminal: null, binding: null, anchor: null, element: null };
  if (!presence || !element) return conclude(it, entry, judgement, base, OPEN);

  const named = element.anchors.get(hex(presence.anchorH)) ?? null;
  /** @type {Visit} */
  const visit = {
    it, entry, presence, element, judgement, named,
    presHash: await shaHex(entry.pres),
    record: await element.read(entry.commitS),
    binding: (named && named.kind !== 'broken' && element.bindings.get(named.bindH)) || null,
  };
  const { window, standingsDue } = await runChecks(visit);
  if (standingsDue) await runStandings(visit, window, await checkCard(visit));
  else await checkCard(visit);
  const { binding } = visit;
  return conclude(it, entry, judgement, { ...base, simulated: element.simulated, terminal: binding?.terminal ?? null, binding, anchor: named, element }, window);
}

/** V2 to V6, V9 and V10. @param {Visit} visit */
async function runChecks(visit) {
  const { judgement, element, presence } = visit;
  judgement.demand(2, !element.isVoid(presence.ctr), 3);
  await checkBinding(visit);
  checkAnchor(visit);
  const lower = await checkPresence(visit);
  await checkCommit(visit);
  checkChain(visit);
  return checkWindow(visit, lower);
}

/** V3 @param {Visit} visit */
async function checkBinding({ judgement, named, binding, presence, it }) {
  if (!named || named.kind === 'broken') return;
  if (!binding) {
    judgement.lack(3, 4);
    return;
  }
  judgement.demand(3, binding.state === 1 && binding.i === presence.i, 4);
  const cv = it.cvs.get(hex(binding.cvHash));
  if (cv) judgement.demand(3, institutionOf(cv) === binding.i && (await isIssued(cv, it.trust.cvAuthorities)), 4);
  else judgement.lack(3, 4);
}

/** V4 @param {Visit} visit */
function checkAnchor({ judgement, named, binding, presence }) {
  if (!named) {
    judgement.lack(4, 5);
  } else if (named.kind === 'broken') {
    judgement.fail(4, named.online ? 5 : 6);
  } else if (named.kind === 'online') {
    judgement.demand(4, !binding || (named.act?.spKey === hex(binding.spKey) && named.act.bindSeq === binding.seq), 5);
  } else {
    judgement.demand(4, named.adm.i === presence.i && fittingAdmins(named, binding).length > 0, 6);
  }
}

/** Certificates of an offline unlock that the binding allows. @param {import('./offline.js').OfflineAnchor} anchor @param {Binding | null} binding */
function fittingAdmins({ certificates }, binding) {
  return certificates.filter(({ kind, spki }) => !binding || binding.admins.some((admin) => admin.kind === kind && hex(admin.spki) === spki));
}

/** V5; the lower event of V10, or null. @param {Visit} visit */
async function checkPresence({ judgement, named, binding, presence, element }) {
  const tn = hex(presence.t.tn);
  judgement.pass(5);
  if (named?.kind === 'online' && named.ts2) judgement.demand(5, tn === named.ts2.tn && presence.ctr > named.ts2.ctr, 7);
  if (named?.kind === 'offline') judgement.demand(5, tn === hex(named.adm.t.tn) && presence.ctr > named.adm.ctr, 7);
  if (binding) judgement.demand(5, (binding.pol.methods & (1n << BigInt(presence.method))) !== 0n, 7);
  if (element.profile !== 2) return { tn, ctr: presence.ctr, count: presence.t.count };
  const before = element.chain.records.filter(({ hash }) => hash === hex(presence.prev));
  for (const record of before) {
    const sn = (await sha(record.signed)).subarray(0, 16);
    if (equal(sn, presence.sn) && record.ctr + 1n === presence.ctr) return record;
  }
  if (before.length > 0) judgement.fail(5, 7);
  return null;
}

/** V6 @param {Visit} visit */
async function checkCommit({ judgement, record, presence, presHash, binding, entry }) {
  judgement.demand(6, record !== null && record.type === 21, 8);
  if (!record || record.type !== 21) return;
  const commit = record.object;
  const span = record.count - presence.t.count;
  judgement.demand(6, commit.outcome === SIGNED_IN_TIME && record.tn === hex(presence.t.tn), 8);
  judgement.demand(6, record.ctr === presence.ctr + 1n && hex(record.prev) === presHash, 8);
  judgement.demand(6, span >= 0n && (!binding || span <= binding.pol.sessionTicks), 8);
  const { full, pres } = entry;
  let signed = false;
  for (const alg of full ? [full.calg] : CARD_ALGORITHMS) signed ||= equal(commit.presH, await sha(presenceTbs(pres, alg)));
  judgement.demand(6, signed, 8);
  if (full) judgement.demand(6, commit.csigH !== null && equal(commit.csigH, await sha(full.csig)), 8);
}

/** V7 of a full bundle; the card's path if it holds. @param {Visit} visit */
async function checkCard({ judgement, entry, presence, it }) {
  if (!entry.full) return null;
  const path = await verifyCard(entry.full, presence, it.trust);
  judgement.demand(7, path !== null, 9);
  return path;
}

/** V9 @param {Visit} visit */
function checkChain({ judgement, element: { chain, receipts }, presence }) {
  const mc1 = presence.ctr;
  const mc2 = mc1 + 1n;
  judgement.demand(9, ![mc1 - 1n, mc1, mc2].some((ctr) => chain.isForked(ctr)), 12);
  const missing = [mc1 - 1n, mc2 + 1n].some(
    (ctr) => receipts.some(({ gaps }) => gaps.some(({ first, last }) => first <= ctr && ctr <= last)) && !chain.present.has(ctr) && !chain.explains(ctr),
  );
  if (missing) judgement.fail(9, 13);
}

/** V10 @param {Visit} visit @param {import('./window.js').Event | null} lower */
function checkWindow({ judgement, element, record, presence, named, it }, lower) {
  const { online, tick, chain, closes } = element;
  const tn = hex(presence.t.tn);
  if (chain.clockContradicts(tn, tick.kind) || anchorsContradict(online, tn, tick)) judgement.fail(10, 14);
  if (!record) return { window: OPEN, standingsDue: false };

  const lows = online.flatMap((anchor) => (lower ? lowerBounds(anchor, lower, tick) : []));
  if (!lower && named?.kind === 'online') lows.push(whole(named.time.earliest));
  const beacon = presence.beaconH && it.beacons.get(hex(presence.beaconH));
  if (beacon) lows.push(whole(beacon.earliest));
  const highs = online.flatMap((anchor) => upperBounds(anchor, record, tick));
  for (const close of closes) {
    if (record.ctr <= close.record.ctr) highs.push(whole(close.time.latest));
  }
  const exact = intersect(lows, highs);
  judgement.demand(10, !exact.contradicts, 14);
  if (exact.contradicts) return { window: OPEN, standingsDue: false };
  const window = rounded(exact);
  return { window, standingsDue: judgement.hasPassed(4) || window.lo !== null };
}

/** Parts of V2 to V4, and V8 (12.13). @param {Visit} visit @param {import('./window.js').Window} window @param {import('./path.js').Path | null} card */
async function runStandings({ judgement, element, named, binding, entry, it: { bundle } }, window, card) {
  const ofElement = await standing(element.path, window, bundle.revocation);
  if (ofElement === 'BAD') judgement.fail(2, 2);
  if (ofElement === 'UNKNOWN') judgement.lack(2, 11);

  if (named?.kind === 'offline') {
    const standings = [];
    for (const { path } of fittingAdmins(named, binding)) standings.push(await standing(path, window, bundle.revocation));
    if (standings.length > 0 && !standings.includes('GOOD')) {
      if (standings.every((one) => one === 'BAD')) judgement.fail(4, 6);
      else judgement.lack(4, 6);
    }
  }

  if (entry.full && card) {
    const ofCard = await standing(card, window, bundle.revocation);
    if (ofCard === 'GOOD') judgement.pass(8);
    else if (ofCard === 'BAD') judgement.fail(8, 10);
    else judgement.lack(8, 11);
  }

  if (binding && ((window.hi !== null && window.hi < binding.nb) || (window.lo !== null && window.lo > binding.na))) judgement.fail(3, 4);
}

/** @param {Case} it @param {Entry} entry @param {Judgement} judgement @param {Pick<Verdict, 'evid' | 'presence' | 'simulated' | 'terminal' | 'binding' | 'anchor' | 'element'>} base @param {import('./window.js').Window} window @returns {Verdict} */
function conclude(it, entry, judgement, base, window) {
  const status = judgement.status(window.hi !== null);
  const cls = status >= STATUS.invalid || !base.element ? 0 : classOf(window, base.element, it.trust.policy, judgement);
  const own = { status, cls, window, simulated: base.simulated };
  const { reasons, ...total } = entry.full ? { ...own, reasons: judgement.reasons() } : withVerdict(own, base.evid, it.verdicts, judgement);
  const refused = total.status >= STATUS.invalid;
  judgement.pass(12);
  return { ...base, ...total, cls: refused ? 0 : total.cls, window: refused ? OPEN : total.window, reasons, checks: judgement.checks };
}
