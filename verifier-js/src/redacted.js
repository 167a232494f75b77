/**
 * What the platform's verdict adds to a visit without its card (formats.md 12.16).
 *
 * @typedef {import('./window.js').Window} Window
 * @typedef {{ status: number, cls: number, window: Window, simulated: boolean }} Own
 * @typedef {import('./prepare.js').Verdict} Verdict
 */
import { compare, equal, fromHex } from './bytes.js';
import { STATUS } from './judgement.js';

/** @param {Own} own @param {import('./bytes.js').Bytes} evid @param {{ verdict: Verdict, hash: string }[]} verdicts @param {import('./judgement.js').Judgement} judgement */
export function withVerdict(own, evid, verdicts, judgement) {
  const verdict = latest(verdicts.filter((one) => equal(one.verdict.evid, evid)));
  if (!verdict) {
    judgement.lack(8, 11);
    return { ...own, status: Math.max(own.status, STATUS.indeterminate), reasons: judgement.reasons() };
  }
  let status = Math.max(own.status, verdict.status);
  const window = { lo: greatest(own.window.lo, verdict.lo), hi: least(own.window.hi, verdict.hi) };
  if (window.lo !== null && window.hi !== null && window.lo > window.hi) {
    judgement.fail(10, 14);
    status = STATUS.conflict;
  }
  const known = verdict.reasons.filter((reason) => reason >= 1n && reason <= 15n).map(Number);
  for (const check of [7, 8]) judgement.pass(check);
  return { status, cls: Math.min(own.cls, verdict.cls), window, simulated: own.simulated || verdict.simulated, reasons: judgement.reasons(known) };
}

/** @param {{ verdict: Verdict, hash: string }[]} verdicts */
function latest(verdicts) {
  const order = [...verdicts].sort(
    (a, b) => Number(a.verdict.at > b.verdict.at) - Number(a.verdict.at < b.verdict.at) || a.verdict.status - b.verdict.status || compare(fromHex(a.hash), fromHex(b.hash)),
  );
  return order.at(-1)?.verdict;
}

/** @param {bigint | null} a @param {bigint | null} b */
const greatest = (a, b) => (a === null || (b !== null && b > a) ? b : a);

/** @param {bigint | null} a @param {bigint | null} b */
const least = (a, b) => (a === null || (b !== null && b < a) ? b : a);
