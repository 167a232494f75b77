/**
 * The answer as JSON and as an exit code (formats.md 13).
 *
 * @typedef {{
 *   evid: string, status: string, class: number, earliest: string | null, latest: string | null, reasons: string[], simulated: boolean,
 *   institution: string | null, element: string | null, terminal: string | null, holder_check: number | null, counter: bigint | null,
 *   log?: { state: string },
 * }} VisitReport
 * @typedef {{
 *   bundle: string, status: string, simulated: boolean, redacted: boolean, policy: string, visits: VisitReport[],
 * }} BundleReport
 * @typedef {{ bundle: string, malformed: string, status: string, reasons: string[], visits: VisitReport[] }} MalformedReport
 */
import { hex } from './bytes.js';
import { STATUS } from './judgement.js';

export const WORDS = ['VALID', 'VALID (open-ended)', 'INDETERMINATE', 'INVALID', 'CONFLICT'];
const JAPAN_MS = 32_400_000;

/** @param {string} bundle name @param {import('./verify.js').Verified} verified @param {import('./trust.js').Trust} trust @returns {BundleReport | MalformedReport} */
export function report(bundle, verified, trust) {
  if ('malformed' in verified) return { bundle, malformed: verified.malformed, status: WORDS[STATUS.invalid], reasons: ['R01'], visits: [] };
  const { visits, redacted } = verified;
  const worst = visits.length === 0 ? STATUS.indeterminate : Math.max(...visits.map(({ status }) => status));
  return {
    bundle, status: WORDS[worst], simulated: visits.some(({ simulated }) => simulated), redacted, policy: hex(trust.policyId),
    visits: visits.map((visit) => (verified.proofs > 0 ? { ...visitReport(visit), log: { state: 'unchecked' } } : visitReport(visit))),
  };
}

/** @param {import('./visit.js').Verdict} visit @returns {VisitReport} */
function visitReport({ evid, status, cls, window, reasons, simulated, presence, terminal }) {
  return {
    evid: hex(evid), status: WORDS[status], class: cls, earliest: japanese(window.lo), latest: japanese(window.hi),
    reasons: reasons.map((reason) => `R${String(reason).padStart(2, '0')}`), simulated,
    institution: presence?.i ?? null, element: presence && hex(presence.se), terminal: terminal && hex(terminal),
    holder_check: presence?.method ?? null, counter: presence && presence.ctr,
  };
}

/** The answer as one line of JSON; a counter keeps its 64 bits. @param {BundleReport | MalformedReport} answer */
export function toJson(answer) {
  const text = JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return text.replace(/"counter":"(\d+)"/g, '"counter":$1');
}

/** A moment in Japan's time; beyond year 9999 the milliseconds themselves. @param {bigint | null} ms */
export function japanese(ms) {
  if (ms === null) return null;
  if (ms > 253_402_268_399_999n) return String(ms);
  return new Date(Number(ms) + JAPAN_MS).toISOString().replace('Z', '+09:00');
}

/** @param {(BundleReport | MalformedReport)[]} reports */
export function exitCode(reports) {
  const statuses = reports.map(({ status }) => WORDS.indexOf(status));
  if (statuses.some((status) => status >= STATUS.invalid)) return 1;
  return statuses.some((status) => status === STATUS.indeterminate) ? 2 : 0;
}
