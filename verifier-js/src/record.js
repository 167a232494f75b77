/**
 * Records that an element signs, in either form (formats.md 2.3, 5, 12.1.4).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {{ se: Bytes, t: { tn: Bytes, count: bigint }, ctr: bigint, prev: Bytes }} Common
 * @typedef {{
 *   type: number, object: any, payload: Bytes, hash: string, signed: Bytes,
 *   ctr: bigint, tn: string, count: bigint, prev: Bytes, boots: string | null,
 * }} ElementRecord hash = SHA-256 of the payload, hex; count = attested time for a TPM; boots = null but for a TPM
 * @typedef {{ se: Bytes, key: import('./crypto.js').PublicKey | null, profile: number, counterName: Bytes | null }} Signer
 */
import { equal, hex } from './bytes.js';
import { decode } from './cbor.js';
import { holds, tryParse, tryParseFor } from './cose.js';
import { shaHex } from './crypto.js';
import { RECORDS, tpmRecord, tryRead } from './objects.js';
import { attested } from './tpm.js';

const TPM_FORM = 0x87;

/** Payload of a record in either form, its signature unchecked; null if there is none. @param {Bytes} signed */
export function payloadOf(signed) {
  if (signed[0] === TPM_FORM) return tryRead(tpmRecord, signed)?.payload ?? null;
  return tryParse(signed)?.payload ?? null;
}

/** The record, if it is one of this element; else null. @param {Bytes} signed @param {Signer} element @returns {Promise<ElementRecord | null>} */
export async function verifyRecord(signed, element) {
  const isTpm = signed[0] === TPM_FORM;
  const payload = payloadOf(signed);
  if (!payload || !element.key || isTpm !== (element.profile === 2)) return null;
  const known = decodeRecord(payload);
  if (!known || !equal(known.object.se, element.se)) return null;
  const clock = isTpm ? await tpmClock(signed, known.object, element) : await plainClock(signed, known.object, element);
  if (!clock) return null;
  const { t, ctr, prev } = known.object;
  return { ...known, payload, hash: await shaHex(payload), signed, ctr, tn: hex(t.tn), prev, ...clock };
}

/** @param {Bytes} payload @returns {{ type: number, object: any } | null} */
function decodeRecord(payload) {
  try {
    const item = decode(payload);
    const type = Array.isArray(item) ? Number(item[0]) : 0;
    const kind = RECORDS[/** @type {keyof typeof RECORDS} */ (type)];
    return kind ? { type, object: kind(item) } : null;
  } catch {
    return null;
  }
}

/** @param {Bytes} signed @param {Common} object @param {Signer} element */
async function plainClock(signed, object, { key }) {
  const message = tryParseFor(signed, 'se');
  if (!message || !key || !(await holds(message, 'se', key))) return null;
  return { count: object.t.count, boots: null };
}

/** @param {Bytes} signed @param {Common} object @param {Signer} element */
async function tpmClock(signed, object, { key, counterName }) {
  const record = tryRead(tpmRecord, signed);
  if (!record || !key || !counterName) return null;
  const found = await attested(record, object, key, counterName);
  return found && { count: found.count, boots: `${found.boots.resets}.${found.boots.restarts}` };
}
