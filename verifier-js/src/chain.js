/**
 * Everything of one element that carries a counter value (formats.md 12.1.10, 12.1.11), and what it says about forks,
 * gaps and clocks (12.10, 12.11).
 *
 * @typedef {import('./record.js').ElementRecord} ElementRecord
 * @typedef {{ tn: string, ctr: bigint, count: bigint, boots: string | null }} Reading
 */
import { hex } from './bytes.js';

const BOOT = 22;
const COMMIT = 21;

export class Chain {
  constructor() {
    /** @type {Map<bigint, Set<string>>} payload hashes known under each counter value */
    this.hashes = new Map();
    /** @type {Set<bigint>} counter values of what is itself at hand */
    this.present = new Set();
    /** @type {Reading[]} */
    this.readings = [];
    /** @type {ElementRecord[]} */
    this.records = [];
  }

  /** @param {ElementRecord} record */
  addRecord(record) {
    this.records.push(record);
    this.add(record.hash, record, record);
  }

  /**
   * @param {string} hash of the payload
   * @param {{ ctr: bigint, prev: import('./bytes.js').Bytes }} object
   * @param {{ tn: string, count: bigint, boots: string | null } | null} clock null = its count is nobody's claim
   */
  add(hash, { ctr, prev }, clock) {
    this.know(ctr, hash);
    this.present.add(ctr);
    if (ctr > 0n && prev.some((byte) => byte !== 0)) this.know(ctr - 1n, hex(prev));
    if (clock) this.readings.push({ tn: clock.tn, ctr, count: clock.count, boots: clock.boots });
  }

  /** @param {bigint} ctr @param {string} hash */
  know(ctr, hash) {
    const known = this.hashes.get(ctr);
    if (known) known.add(hash);
    else this.hashes.set(ctr, new Set([hash]));
  }

  /** Whether two payloads are known under one counter value. @param {bigint} ctr */
  isForked(ctr) {
    return (this.hashes.get(ctr)?.size ?? 0) > 1;
  }

  /** Whether something at hand explains why nothing is there under `ctr`. @param {bigint} ctr */
  explains(ctr) {
    const boots = this.records.filter(({ type }) => type === BOOT);
    return (
      boots.some(({ object }) => object.pending === ctr) ||
      this.records.some(
        (record) =>
          record.type === COMMIT && record.ctr === ctr + 1n && (record.object.outcome !== 1 || boots.some((boot) => boot.ctr === ctr + 2n)),
      )
    );
  }

  /**
   * Whether the readings of a power cycle contradict each other (12.11, clock contradictions 1 to 4).
   *
   * @param {string} tn
   * @param {number} tickKind 1 time, 2 date
   */
  clockContradicts(tn, tickKind) {
    const cycle = this.readings.filter((reading) => reading.tn === tn);
    const others = this.readings.filter((reading) => reading.tn !== tn);
    return fallsBack(cycle, tickKind) || this.bootMisplaced(tn, cycle) || interleaved(cycle, others) || bootsDiffer(cycle, others);
  }

  /** @param {string} tn @param {Reading[]} cycle */
  bootMisplaced(tn, cycle) {
    const boots = this.records.filter((record) => record.type === BOOT && record.tn === tn);
    return boots.some((boot) => boot.ctr !== boots[0].ctr || cycle.some(({ ctr }) => ctr < boot.ctr));
  }
}

/** @param {Reading[]} cycle @param {number} tickKind */
function fallsBack(cycle, tickKind) {
  const sorted = [...cycle].sort((a, b) => Number(a.ctr > b.ctr) - Number(a.ctr < b.ctr) || Number(a.count > b.count) - Number(a.count < b.count));
  return sorted.some((reading, i) => {
    const before = sorted[i - 1];
    if (!before || before.ctr === reading.ctr) return false;
    return tickKind === 1 ? reading.count < before.count : reading.count <= before.count;
  });
}

/** @param {Reading[]} cycle @param {Reading[]} others */
function interleaved(cycle, others) {
  const { lowest, highest } = bounds(cycle);
  return others.some(({ ctr }) => lowest < ctr && ctr < highest);
}

/** @param {Reading[]} cycle */
function bounds(cycle) {
  const counters = cycle.map(({ ctr }) => ctr);
  if (counters.length === 0) return { lowest: 0n, highest: 0n };
  return { lowest: counters.reduce((a, b) => (a < b ? a : b)), highest: counters.reduce((a, b) => (a > b ? a : b)) };
}

/** @param {Reading[]} cycle @param {Reading[]} others */
function bootsDiffer(cycle, others) {
  const attested = cycle.flatMap(({ boots }) => boots ?? []);
  return attested.some((boots) => boots !== attested[0]) || others.some(({ boots }) => boots !== null && attested.includes(boots));
}
