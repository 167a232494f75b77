/** What other programs use: read the trust folder once, then verify bundles. */
export { readTrust, TrustError } from './trust.js';
export { verifyBundle } from './verify.js';
export { exitCode, japanese, report, WORDS } from './report.js';
