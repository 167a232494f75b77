/**
 * What is known of each element before its visits are judged (formats.md 12.1).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./record.js').ElementRecord} ElementRecord
 * @typedef {import('./online.js').OnlineAnchor} OnlineAnchor
 * @typedef {import('./online.js').Stamped} Stamped
 * @typedef {OnlineAnchor | import('./offline.js').OfflineAnchor | { kind: 'broken', online: boolean }} NamedAnchor
 * @typedef {import('./objects.js').ObjectOf<typeof receiptKind>} Receipt
 * @typedef {import('./objects.js').ObjectOf<typeof verdictKind>} Verdict
 * @typedef {import('./element.js').Element & {
 *   bindings: Map<string, import('./element.js').Binding>, isVoid: (mc: bigint) => boolean, read: import('./online.js').RecordReader,
 *   anchors: Map<string, NamedAnchor>, online: OnlineAnchor[], closes: { record: ElementRecord, time: Stamped }[], chain: Chain, receipts: Receipt[],
 * }} Prepared anchors by anchor-h; online = verified and not void, open brackets too
 * @typedef {{
 *   bundle: import('./bundle.js').Bundle, trust: import('./trust.js').Trust, elements: Map<string, Prepared>, beacons: Map<string, Stamped>,
 *   cvs: Map<string, import('./cv.js').CvCertificate>, verdicts: { verdict: Verdict, hash: string }[],
 *   allBindings: { hash: string, binding: import('./element.js').Binding }[],
 * }} Case
 */
import { equal, hex } from './bytes.js';
import { Chain } from './chain.js';
import { signerAmong, tryParseFor } from './cose.js';
import { shaHex } from './crypto.js';
import { findBindings, findElements, isVoid } from './element.js';
import { receipt as receiptKind, tryRead, verdict as verdictKind } from './objects.js';
import { verifyOffline } from './offline.js';
import { brokenAnchorH, verifyBeacon, verifyClose, verifyOnline } from './online.js';
import { verifyRecord } from './record.js';

/** @param {import('./bundle.js').Bundle} bundle @param {import('./trust.js').Trust} trust @returns {Promise<Case>} */
export async function prepare(bundle, trust) {
  /** @type {Case} */
  const it = { bundle, trust, elements: new Map(), beacons: new Map(), cvs: new Map(), verdicts: [], allBindings: await findBindings(bundle, trust) };
  for (const cv of bundle.cvs) it.cvs.set(await shaHex(cv.bytes), cv);
  for (const anchor of bundle.anchors.beacon) {
    const beacon = await verifyBeacon(anchor, trust);
    if (beacon) it.beacons.set(beacon.beaconH, beacon.time);
  }
  const receipts = (await signedResults(it, 'receipt', receiptKind)).map(({ object }) => object);
  it.verdicts = (await signedResults(it, 'verdict', verdictKind)).map(({ object, hash }) => ({ verdict: object, hash }));
  const named = new Set(bundle.entries.flatMap(({ presence }) => (presence ? [hex(presence.se)] : [])));
  for (const [name, element] of await findElements(bundle, trust)) {
    if (named.has(name)) it.elements.set(name, await prepareElement(it, element, receipts));
  }
  return it;
}

/**
 * @template T
 * @param {Case} it
 * @param {string} context
 * @param {import('./fields.js').Kind<T>} kind
 */
async function signedResults({ bundle, trust }, context, kind) {
  const found = [];
  for (const signed of bundle.results) {
    const message = tryParseFor(signed, context);
    const object = message && tryRead(kind, message.payload);
    if (object && (await signerAmong(message, context, trust.receipts))) found.push({ object, hash: await shaHex(message.payload) });
  }
  return found;
}

/** @param {Case} it @param {import('./element.js').Element} element @param {Receipt[]} receipts @returns {Promise<Prepared>} */
async function prepareElement(it, element, receipts) {
  const bindings = it.allBindings.filter(({ binding }) => equal(binding.se, element.se));
  const history = bindings.map(({ binding }) => binding);
  /** @type {Prepared} */
  const prepared = {
    ...element,
    bindings: new Map(bindings.map(({ hash, binding }) => [hash, binding])),
    isVoid: (mc) => isVoid(history, mc),
    read: remembering((signed) => verifyRecord(signed, element)),
    anchors: new Map(),
    online: [],
    closes: [],
    chain: new Chain(),
    receipts: receipts.filter(({ se }) => equal(se, element.se)),
  };
  await addOnline(it, prepared);
  await addOffline(it, prepared);
  await addCloses(it, prepared);
  for (const signed of it.bundle.records) {
    const record = await prepared.read(signed);
    if (record) prepared.chain.addRecord(record);
  }
  for (const entry of it.bundle.entries) await addVisit(entry, prepared);
  return prepared;
}

/** @param {import('./online.js').RecordReader} read @returns {import('./online.js').RecordReader} */
function remembering(read) {
  /** @type {WeakMap<Bytes, Promise<ElementRecord | null>>} */
  const known = new WeakMap();
  return (signed) => {
    const before = known.get(signed) ?? read(signed);
    known.set(signed, before);
    return before;
  };
}

/** @param {Case} it @param {Prepared} element */
async function addOnline({ bundle, trust }, element) {
  for (const bytes of bundle.anchors.online) {
    const anchor = await verifyOnline(bytes, element.read, trust);
    if (!anchor) {
      const anchorH = await brokenAnchorH(bytes);
      if (anchorH && !element.anchors.has(anchorH)) element.anchors.set(anchorH, { kind: 'broken', online: true });
      continue;
    }
    element.chain.addRecord(anchor.ts1);
    if (anchor.ts2) element.chain.addRecord(anchor.ts2);
    if (element.isVoid(anchor.ts1.ctr)) continue;
    element.online.push(anchor);
    if (anchor.anchorH) element.anchors.set(anchor.anchorH, anchor);
  }
}

/** @param {Case} it @param {Prepared} element */
async function addOffline({ bundle, trust }, element) {
  for (const bytes of bundle.anchors.offline) {
    const judged = await verifyOffline(bytes, element.se, bundle, trust);
    if (judged.state === 'ignored' || (judged.state === 'valid' && element.isVoid(judged.anchor.adm.ctr))) continue;
    const { anchorH } = judged.state === 'valid' ? judged.anchor : judged;
    const known = element.anchors.get(anchorH);
    if (judged.state === 'broken') {
      if (!known) element.anchors.set(anchorH, { kind: 'broken', online: false });
    } else if (known?.kind === 'offline') {
      known.certificates.push(...judged.anchor.certificates);
    } else {
      element.anchors.set(anchorH, judged.anchor);
    }
  }
}

/** @param {Case} it @param {Prepared} element */
async function addCloses({ bundle, trust }, element) {
  for (const bytes of bundle.anchors.close) {
    const found = await verifyClose(bytes, element.read, trust);
    if (!found) continue;
    element.closes.push(found);
    element.chain.addRecord(found.record);
  }
}

/** The commit of a visit, its presence and the offline unlock that the presence names. @param {import('./bundle.js').Entry} entry @param {Prepared} element */
async function addVisit({ pres, presence, commitS }, element) {
  if (!presence || !equal(presence.se, element.se)) return;
  const record = await element.read(commitS);
  if (!record) return;
  element.chain.addRecord(record);
  const hash = await shaHex(pres);
  if (record.type !== 21 || hex(record.prev) !== hash) return;
  const { t, ctr, prev } = presence;
  const claimed = record.boots === null ? { tn: hex(t.tn), count: t.count, boots: null } : null;
  element.chain.add(hash, { ctr, prev }, claimed);
  const anchor = element.anchors.get(hex(presence.anchorH));
  if (anchor?.kind !== 'offline') return;
  element.chain.add(anchor.hash, anchor.adm, { tn: hex(anchor.adm.t.tn), count: anchor.adm.t.count, boots: null });
}
