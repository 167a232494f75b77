/**
 * Online unlocks, closes and beacons: everything that carries a time stamp (formats.md 12.1.5, 12.1.7 to 12.1.9).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./record.js').ElementRecord} ElementRecord
 * @typedef {{ earliest: bigint, latest: bigint }} Stamped µs since 1970
 * @typedef {{
 *   kind: 'online', anchorH: string | null, ts1: ElementRecord, ts2: ElementRecord | null, bindH: string,
 *   act: { bindSeq: bigint, spKey: string } | null, time: Stamped,
 * }} OnlineAnchor anchorH, ts2 and act are null for an open bracket
 * @typedef {(signed: Bytes) => Promise<ElementRecord | null>} RecordReader
 */
import { equal, fromHex, hex } from './bytes.js';
import { encode } from './cbor.js';
import { signerAmong, tryParse, tryParseFor } from './cose.js';
import { sha, shaHex } from './crypto.js';
import { act as actKind, beacon as beaconKind, ts2 as ts2Kind, tryRead } from './objects.js';
import { payloadOf } from './record.js';
import { verifyToken } from './tst.js';

/** @param {Bytes} token @param {Bytes} signed what was stamped @param {import('./trust.js').Trust} trust @returns {Promise<Stamped | null>} */
async function stamped(token, signed, trust) {
  const time = await verifyToken(token, await sha(signed), trust);
  return time && { earliest: (time.at - time.accuracy) * 1000n, latest: (time.at + time.accuracy) * 1000n };
}

/** The anchor if it verifies, else null. @param {import('./bundle.js').Anchors['online'][number]} anchor @param {RecordReader} reader @param {import('./trust.js').Trust} trust @returns {Promise<OnlineAnchor | null>} */
export async function verifyOnline({ ts1S, tst, actS, ts2S }, reader, trust) {
  const ts1 = await reader(ts1S);
  if (ts1?.type !== 11) return null;
  const time = await stamped(tst, ts1S, trust);
  if (!time) return null;
  /** @type {OnlineAnchor} */
  const open = { kind: 'online', anchorH: null, ts1, ts2: null, bindH: hex(ts1.object.bindH), act: null, time };
  if (actS.length === 0) return ts2S.length === 0 ? open : null;

  const tstH = await sha(tst);
  const act = await verifyAct(actS, ts1, tstH, trust);
  if (!act) return null;
  if (ts2S.length === 0) return open;
  const ts2 = await reader(ts2S);
  if (ts2?.type !== 13 || !closes(ts2, ts1, act, tstH)) return null;
  const anchorH = await shaHex(encode([fromHex(ts1.hash), tstH, act.hash, fromHex(ts2.hash)]));
  return { ...open, anchorH, ts2, act: { bindSeq: act.object.bindSeq, spKey: act.spKey } };
}

/** @param {Bytes} actS @param {ElementRecord} ts1 @param {Bytes} tstH @param {import('./trust.js').Trust} trust */
async function verifyAct(actS, ts1, tstH, trust) {
  const message = tryParseFor(actS, 'act');
  const object = message && tryRead(actKind, message.payload);
  const signer = message && (await signerAmong(message, 'act', trust.providers));
  if (!message || !object || !signer) return null;
  const fits =
    equal(object.se, ts1.object.se) && hex(object.tn) === ts1.tn && object.ctr === ts1.ctr && hex(object.ts1H) === ts1.hash && equal(object.tstH, tstH);
  return fits ? { object, hash: await sha(message.payload), spKey: await shaHex(signer.key.spki) } : null;
}

/** @param {ElementRecord} ts2 @param {ElementRecord} ts1 @param {{ object: { actId: Bytes }, hash: Bytes }} act @param {Bytes} tstH */
function closes(ts2, ts1, act, tstH) {
  return (
    equal(ts2.object.actId, act.object.actId) && equal(ts2.object.tstH, tstH) && equal(ts2.object.actH, act.hash) &&
    ts2.tn === ts1.tn && ts2.ctr > ts1.ctr && ts2.count >= ts1.count && ts2.boots === ts1.boots
  );
}

/** anchor-h that a broken anchor would have, from its bytes alone; null if they do not tell. @param {import('./bundle.js').Anchors['online'][number]} anchor */
export async function brokenAnchorH({ ts1S, tst, actS, ts2S }) {
  const [ts1, act, ts2] = [payloadOf(ts1S), tryParse(actS)?.payload, payloadOf(ts2S)];
  if (!ts1 || !act || !ts2 || !tryRead(ts2Kind, ts2)) return null;
  return shaHex(encode([await sha(ts1), await sha(tst), await sha(act), await sha(ts2)]));
}

/** A stamped close of the element, or null. @param {import('./bundle.js').Anchors['close'][number]} anchor @param {RecordReader} reader @param {import('./trust.js').Trust} trust */
export async function verifyClose({ closeS, tst }, reader, trust) {
  const record = await reader(closeS);
  if (record?.type !== 31) return null;
  const time = await stamped(tst, closeS, trust);
  return time && { record, time };
}

/** A stamped beacon, or null. @param {import('./bundle.js').Anchors['beacon'][number]} anchor @param {import('./trust.js').Trust} trust */
export async function verifyBeacon({ beaconS, tst }, trust) {
  const message = tryParse(beaconS);
  if (!message || !tryRead(beaconKind, message.payload)) return null;
  const time = await stamped(tst, beaconS, trust);
  return time && { beaconH: await shaHex(encode([await sha(message.payload), await sha(tst)])), time };
}
