/**
 * Verifies a bundle against a trust folder (formats.md 12): no clock, no network, no memory.
 *
 * @typedef {{ redacted: boolean, proofs: number, visits: import('./visit.js').Verdict[] } | { malformed: string }} Verified
 */
import { parseBundle } from './bundle.js';
import { CborError } from './cbor.js';
import { prepare } from './prepare.js';
import { judge } from './visit.js';

/** @param {import('./bytes.js').Bytes} bytes @param {import('./trust.js').Trust} trust @returns {Promise<Verified>} */
export async function verifyBundle(bytes, trust) {
  let bundle;
  try {
    bundle = parseBundle(bytes);
  } catch (error) {
    if (error instanceof CborError) return { malformed: error.message };
    throw error;
  }
  const prepared = await prepare(bundle, trust);
  const visits = [];
  for (const entry of bundle.entries) visits.push(await judge(entry, prepared));
  return { redacted: bundle.redacted, proofs: bundle.proofs.length, visits };
}
