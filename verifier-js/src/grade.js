/**
 * How much of the time is proven (formats.md 12.15).
 *
 * @typedef {import('./window.js').Window} Window
 */

export const CLASS = { none: 0, order: 1, interval: 2, date: 3, tight: 4 };

/** tick-spec kind of an element that counts records. */
const DATE_STAMP = 2;
const JAPAN_MS = 32_400_000n;
const DAY_MS = 86_400_000n;

/** Class of a window, capped by the policy; a cap that bites is R15. @param {Window} window @param {{ profile: number, caSimulated: boolean, tick: { kind: number } }} element @param {import('./policy.js').Policy} policy @param {import('./judgement.js').Judgement} judgement */
export function classOf(window, element, policy, judgement) {
  const cls = uncapped(window, element.tick.kind === DATE_STAMP, policy.tightMs);
  const cap = capOf(element, policy);
  judgement.pass(11);
  if (cls <= cap) return cls;
  judgement.fail(11, 15);
  return cap;
}

/** @param {Window} window @param {boolean} dates whether the element proves dates only @param {bigint} tightMs */
function uncapped({ lo, hi }, dates, tightMs) {
  if (lo === null || hi === null) return CLASS.order;
  const oneDay = dayInJapan(lo) === dayInJapan(hi);
  if (dates && !oneDay) return CLASS.interval;
  if (hi - lo <= tightMs) return CLASS.tight;
  return oneDay ? CLASS.date : CLASS.interval;
}

/** Days since 1970 in Japan. @param {bigint} ms */
function dayInJapan(ms) {
  return (ms + JAPAN_MS) / DAY_MS;
}

/** @param {{ profile: number, caSimulated: boolean }} element @param {import('./policy.js').Policy} policy */
function capOf({ profile, caSimulated }, { classCap }) {
  if (profile === 1) return classCap[1] ?? CLASS.tight;
  if (profile === 2) return Math.min(classCap[2] ?? CLASS.tight, CLASS.date);
  return caSimulated ? classCap[3] : Math.min(classCap[3], CLASS.order);
}
