/**
 * The verifier's policy (formats.md 10).
 *
 * @typedef {{ classCap: { [profile: string]: number }, accuracyMs: bigint, tightMs: bigint, logKeys: string[] }} Policy
 */
import { textOf } from './bytes.js';
import { JsonObject, parseJson } from './json.js';

/** @returns {Policy} */
export function defaultPolicy() {
  return { classCap: { 3: 1 }, accuracyMs: 1000n, tightMs: 300_000n, logKeys: [] };
}

/** The policy in a policy.json; throws if it is none. @param {import('./bytes.js').Bytes} bytes */
export function parsePolicy(bytes) {
  const policy = defaultPolicy();
  const json = parseJson(textOf(bytes));
  if (!(json instanceof JsonObject)) throw new Error('a policy is one JSON object');
  refuseTwice(json);
  for (const [key, value] of json.pairs) set(policy, key, value);
  return policy;
}

/** @param {Policy} policy @param {string} key @param {import('./json.js').Json} value */
function set(policy, key, value) {
  switch (key) {
    case 'class_cap':
      if (!(value instanceof JsonObject)) throw new Error('class_cap is an object');
      refuseTwice(value);
      for (const [profile, cap] of value.pairs) policy.classCap[profileOf(profile)] = Number(unsigned(cap, 4n));
      break;
    case 'accuracy_ms':
      policy.accuracyMs = unsigned(value);
      break;
    case 'tight_ms':
      policy.tightMs = unsigned(value);
      break;
    case 'log_vkeys':
      if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) throw new Error('log_vkeys is a list of texts');
      policy.logKeys = value;
      break;
    default:
      throw new Error(`the policy has no key ${key}`);
  }
}

/** @param {JsonObject} object */
function refuseTwice({ pairs }) {
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error('a key twice in the policy');
}

/** @param {string} key */
function profileOf(key) {
  if (!['1', '2', '3'].includes(key)) throw new Error(`there is no profile ${key}`);
  return key;
}

/** @param {import('./json.js').Json} value */
function unsigned(value, most = 2n ** 64n - 1n) {
  const text = value !== null && typeof value === 'object' && 'number' in value ? value.number : '';
  if (!/^\d+$/.test(text) || BigInt(text) > most) throw new Error(`expected a whole number up to ${most}`);
  return BigInt(text);
}
