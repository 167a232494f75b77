/**
 * Between which moments a visit took place (formats.md 12.11), as exact fractions.
 *
 * @typedef {{ n: bigint, d: bigint }} Fraction µs since 1970, d > 0
 * @typedef {{ tn: string, ctr: bigint, count: bigint }} Event
 * @typedef {{ kind: number, tauUs: bigint, rhoPpm: bigint }} Tick
 * @typedef {import('./online.js').OnlineAnchor} OnlineAnchor
 * @typedef {{ lo: bigint | null, hi: bigint | null }} Window ms; null = not bounded
 */

const MILLION = 1_000_000n;
const TOO_LARGE = 2n ** 100n;
const LARGEST = 2n ** 64n - 1n;

/** @param {bigint} x */
const positive = (x) => (x > 0n ? x : 0n);

/** `µs + x·τ/(1 ± ρ)`. @param {bigint} us @param {bigint} x @param {Tick} tick @param {1n | -1n} sign of ρ @returns {Fraction} */
function shifted(us, x, { tauUs, rhoPpm }, sign) {
  const d = MILLION + sign * rhoPpm;
  return { n: us * d + x * tauUs * MILLION, d };
}

/** @param {bigint} us @returns {Fraction} */
export const whole = (us) => ({ n: us, d: 1n });

/** Lower bounds that an online anchor gives to an event. @param {OnlineAnchor} anchor @param {Event} e @param {Tick} tick */
export function lowerBounds({ ts2, time }, e, tick) {
  if (!ts2) return [];
  const bounds = e.ctr >= ts2.ctr ? [whole(time.earliest)] : [];
  if (tick.kind === 1 && e.tn === ts2.tn) {
    if (e.ctr > ts2.ctr) bounds.push(shifted(time.earliest, positive(e.count - ts2.count - 1n), tick, 1n));
    else bounds.push(shifted(time.earliest, -(ts2.count - e.count + 1n), tick, -1n));
  }
  return bounds;
}

/** Upper bounds that an online anchor gives to an event. @param {OnlineAnchor} anchor @param {Event} e @param {Tick} tick */
export function upperBounds({ ts1, time }, e, tick) {
  const bounds = e.ctr <= ts1.ctr ? [whole(time.latest)] : [];
  if (tick.kind === 1 && e.tn === ts1.tn) {
    if (e.ctr > ts1.ctr) bounds.push(shifted(time.latest, e.count - ts1.count + 1n, tick, -1n));
    else bounds.push(shifted(time.latest, -positive(ts1.count - e.count - 1n), tick, 1n));
  }
  return bounds;
}

/** @param {Fraction} a @param {Fraction} b */
const less = (a, b) => a.n * b.d < b.n * a.d;

/** @param {Fraction} bound */
const usable = ({ n }) => n < TOO_LARGE && n > -TOO_LARGE;

/** The greatest lower and the least upper bound. @param {Fraction[]} lower @param {Fraction[]} upper */
export function intersect(lower, upper) {
  const lo = lower.filter(usable).reduce((/** @type {Fraction | null} */ best, bound) => (best && !less(best, bound) ? best : bound), null);
  const hi = upper.filter(usable).reduce((/** @type {Fraction | null} */ best, bound) => (best && !less(bound, best) ? best : bound), null);
  return { lo, hi, contradicts: lo !== null && hi !== null && less(hi, lo) };
}

/** Whole milliseconds: down at the lower end, up at the upper. @param {{ lo: Fraction | null, hi: Fraction | null }} exact @returns {Window} */
export function rounded({ lo, hi }) {
  const high = hi && positive(-floor(-hi.n, hi.d * 1000n));
  return { lo: lo && positive(floor(lo.n, lo.d * 1000n)), hi: high !== null && high > LARGEST ? null : high };
}

/** @param {bigint} n @param {bigint} d positive */
function floor(n, d) {
  const quotient = n / d;
  return n % d < 0n ? quotient - 1n : quotient;
}

/** Whether the online anchors of one power cycle contradict each other (12.11, clock contradiction 5). @param {OnlineAnchor[]} online not void @param {string} tn @param {Tick} tick */
export function anchorsContradict(online, tn, tick) {
  const cycle = online.filter(({ ts1 }) => ts1.tn === tn);
  const events = cycle.flatMap(({ ts1, ts2 }) => (ts2 ? [ts1, ts2] : [ts1]));
  return events.some((e) => {
    const lower = cycle.flatMap((anchor) => lowerBounds(anchor, e, tick));
    const upper = cycle.flatMap((anchor) => upperBounds(anchor, e, tick));
    return intersect(lower, upper).contradicts;
  });
}
