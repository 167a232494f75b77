/**
 * An element that signs what it is told, with a clock and a counter that a test may bend.
 *
 * @typedef {import('../src/bytes.js').Bytes} Bytes
 * @typedef {{ signed: Bytes, payload: Bytes, hash: Bytes, ctr: bigint, count: bigint }} Made
 */
import { encode } from '../src/cbor.js';
import { toBeSigned, headerOf } from '../src/cose.js';
import { hashOf, signRaw } from './issue.js';
import { MORNING, attestation, nvPart, timePart } from './world.js';

/** COSE_Sign1. @param {import('./issue.js').Key} key @param {string} context @param {Bytes} payload @param {{ kid?: boolean, alg?: number, signAlg?: number }} [how] */
export function sign1(key, context, payload, { kid = false, alg = key.alg, signAlg = alg } = {}) {
  /** @type {Map<bigint, any>} */
  const header = new Map([[1n, BigInt(alg)]]);
  if (kid) header.set(4n, hashOf(key.spki).subarray(0, 8));
  const protectedBytes = encode(header);
  return encode([protectedBytes, new Map(), payload, signRaw(key, toBeSigned(context, protectedBytes, payload), signAlg)]);
}

export class Device {
  /** @param {ReturnType<import('./world.js').World['element']>} element @param {import('./random.js').Random} random @param {(name: string) => boolean} twist */
  constructor(element, random, twist) {
    this.element = element;
    this.random = random;
    this.twist = twist;
    this.ctr = BigInt(1 + random.below(20));
    this.at = MORNING - 3_600_000;
    this.prev = new Uint8Array(32);
    this.boots = { resets: 5, restarts: 1 };
    this.tn = new Uint8Array();
    this.count = 0n;
    this.powerOn();
  }

  powerOn() {
    this.tn = this.bytes(16);
    this.count = 0n;
    this.boots = { ...this.boots, resets: this.boots.resets + (this.twist('same boots') ? 0 : 1) };
  }

  /** @param {number} size */
  bytes(size) {
    return Uint8Array.from({ length: size }, () => this.random.below(256));
  }

  /** Time goes by. @param {number} ms */
  wait(ms) {
    this.at += ms;
    const [kind, tau] = this.element.tick;
    if (kind === 1n) this.count += (BigInt(ms) * 1000n) / tau;
    if (this.twist('ticks jump')) this.count += BigInt(this.random.below(200_000));
    if (this.twist('ticks fall') && this.count > 900n) this.count -= BigInt(1 + this.random.below(900));
  }

  /** Ticks, counter and previous hash of the next record. */
  next() {
    this.wait(3 + this.random.below(40));
    if (this.element.tick[0] === 2n && !this.twist('no new date')) this.count += 1n;
    if (this.twist('counter jumps')) this.ctr += 1n;
    if (this.twist('counter repeats')) this.ctr -= 1n;
    /** @type {{ t: [Bytes, bigint], ctr: bigint, prev: Bytes }} */
    const made = { t: [this.tn, this.count], ctr: this.ctr, prev: this.twist('prev of nothing') ? this.bytes(32) : this.prev };
    if (this.twist('prev zero')) made.prev = new Uint8Array(32);
    this.ctr += 1n;
    return made;
  }

  /** @param {(next: ReturnType<Device['next']>) => any[]} fields @returns {Made} */
  record(fields) {
    const next = this.next();
    const payload = encode(fields(next));
    const hash = hashOf(payload);
    this.prev = hash;
    const key = this.element.key;
    const tpm = (this.element.profile === 2) !== this.twist('other form');
    const alg = key.alg === -257 && this.random.below(2) === 0 ? -37 : key.alg;
    const signed = tpm ? this.tpmRecord(payload, next) : sign1(key, this.twist('other context') ? 'act' : 'se', payload, { alg, kid: this.twist('record with kid') });
    return { signed, payload, hash, ctr: next.ctr, count: next.t[1] };
  }

  /** @param {Bytes} payload @param {ReturnType<Device['next']>} next */
  tpmRecord(payload, { t, ctr }) {
    const { key, counterName } = this.element;
    const tbs = toBeSigned('se', headerOf(this.twist('tpm header') ? -35 : -7), payload);
    const nv = attestation(0x8014, hashOf(tbs), this.boots, nvPart(counterName ?? new Uint8Array(), this.twist('tpm counter') ? ctr + 1n : ctr, this.twist('tpm offset') ? 1 : 0));
    const late = BigInt(this.random.below(5));
    const time = attestation(0x8019, hashOf(nv), { resets: 0, restarts: 0 }, timePart(this.twist('tpm early') ? t[1] - 1n : t[1] + late, this.boots));
    return encode([16n, 1n, payload, nv, signRaw(key, nv, -7), time, signRaw(key, time, -7)]);
  }
}
