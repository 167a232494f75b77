/**
 * Records of a TPM (formats.md 5): the attestations around a payload.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {{ resets: bigint, restarts: bigint }} Boots
 */
import { equal, fromBigInt, toBigInt } from './bytes.js';
import { headerOf, toBeSigned } from './cose.js';
import { sha, verify } from './crypto.js';

const MAGIC = 0xff544347n;
const NV = 0x8014n;
const TIME = 0x8019n;

/** Reads big-endian fields; every method throws a RangeError at the end of the bytes. */
class Fields {
  /** @param {Bytes} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} size @returns {Bytes} */
  take(size) {
    if (size > this.bytes.length - this.at) throw new RangeError('an attestation that ends too early');
    this.at += size;
    return this.bytes.subarray(this.at - size, this.at);
  }

  /** @param {number} size */
  number(size) {
    return toBigInt(this.take(size));
  }

  counted() {
    return this.take(Number(this.number(2)));
  }

  clockInfo() {
    this.number(8);
    const boots = { resets: this.number(4), restarts: this.number(4) };
    if (this.number(1) > 1n) throw new RangeError('a flag other than 0 and 1');
    return boots;
  }

  end() {
    if (this.at !== this.bytes.length) throw new RangeError('more than an attestation');
  }
}

/** @param {Bytes} bytes @param {bigint} type */
function readHead(bytes, type) {
  const fields = new Fields(bytes);
  if (fields.number(4) !== MAGIC || fields.number(2) !== type) throw new RangeError('another attestation');
  fields.counted();
  const extraData = fields.counted();
  fields.clockInfo();
  fields.number(8);
  return { fields, extraData };
}

/** @param {Bytes} bytes */
function readNv(bytes) {
  const { fields, extraData } = readHead(bytes, NV);
  const attestation = { extraData, name: fields.counted(), offset: fields.number(2), contents: fields.counted() };
  fields.end();
  return attestation;
}

/** @param {Bytes} bytes */
function readTime(bytes) {
  const { fields, extraData } = readHead(bytes, TIME);
  const time = fields.number(8);
  const boots = fields.clockInfo();
  fields.number(8);
  fields.end();
  return { extraData, time, boots };
}

/**
 * Attested time and boots of a TPM record whose attestations hold, or null.
 *
 * @param {import('./objects.js').ObjectOf<typeof import('./objects.js').tpmRecord>} record
 * @param {{ ctr: bigint, t: { count: bigint } }} payload the decoded payload
 * @param {import('./crypto.js').PublicKey} key of the device
 * @param {Bytes} counterName
 */
export async function attested(record, payload, key, counterName) {
  let nv;
  let clock;
  try {
    nv = readNv(record.attestNv);
    clock = readTime(record.attestTime);
  } catch {
    return null;
  }
  const named = equal(nv.name, counterName) && nv.offset === 0n && equal(nv.contents, fromBigInt(payload.ctr, 8));
  const bound =
    equal(nv.extraData, await sha(toBeSigned('se', headerOf(-7), record.payload))) && equal(clock.extraData, await sha(record.attestNv));
  if (!named || !bound || payload.t.count > clock.time || key.family !== 'P-256') return null;
  const signed =
    (await verify(key, 'ecdsa', 'SHA-256', record.attestNv, record.sigNv)) && (await verify(key, 'ecdsa', 'SHA-256', record.attestTime, record.sigTime));
  return signed ? { count: clock.time, boots: clock.boots } : null;
}
