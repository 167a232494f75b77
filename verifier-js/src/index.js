/** What other programs use: read the trust folder once, then verify bundles. */
export { readTrust, TrustError } from './trust.js';
export { verifyBundle } from './verify.js';
export { exitCode, japanese, report, toJson, WORDS } from './report.js';
