/**
 * Which certificate an element has (formats.md 12.1.1), and which bindings it had (12.1.2, 12.1.3).
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./objects.js').ObjectOf<typeof bindingKind>} Binding
 * @typedef {{
 *   se: Bytes, key: import('./crypto.js').PublicKey | null, path: import('./path.js').Path, profile: number, counterName: Bytes | null,
 *   tick: { kind: number, tauUs: bigint, rhoPpm: bigint }, simulated: boolean, caSimulated: boolean,
 * }} Element
 */
import { compare, equal, hex } from './bytes.js';
import { signerAmong, tryParseFor } from './cose.js';
import { sha, shaHex } from './crypto.js';
import { binding as bindingKind, tryRead } from './objects.js';
import { findPath } from './path.js';
import { ELEMENT, ELEMENT_EXTENSION, caSimulated, elementExtension } from './profiles.js';

/** All elements with a valid certificate in the bundle, by hex of se. @param {import('./bundle.js').Bundle} bundle @param {import('./trust.js').Trust} trust */
export async function findElements(bundle, trust) {
  const found = [];
  const candidates = bundle.certificates.filter(({ extensions }) => extensions.has(ELEMENT_EXTENSION));
  for (const certificate of candidates.sort((a, b) => compare(a.der, b.der))) {
    const element = await elementOf(certificate, trust);
    if (element) found.push(element);
  }
  /** @type {Map<string, Element>} */
  const elements = new Map();
  const doubtful = new Set();
  for (const element of found) {
    const shared = found.some((other) => !equal(other.se, element.se) && sameCounter(other, element));
    if (shared) doubtful.add(hex(element.se));
    if (!elements.has(hex(element.se))) elements.set(hex(element.se), element);
  }
  for (const name of doubtful) elements.delete(name);
  return elements;
}

/** @param {Element} a @param {Element} b */
function sameCounter(a, b) {
  return a.counterName !== null && b.counterName !== null && equal(a.counterName, b.counterName);
}

/** @param {import('./certificate.js').Certificate} certificate @param {import('./trust.js').Trust} trust @returns {Promise<Element | null>} */
async function elementOf(certificate, trust) {
  const path = await findPath(certificate, [], trust.elements, ELEMENT, null);
  const about = elementExtension(certificate);
  const mark = path && caSimulated(path.anchor);
  if (!path || !about || mark === null || (mark && !about.simulated)) return null;
  return { ...about, se: (await sha(certificate.spki)).subarray(0, 16), key: certificate.key, path, caSimulated: mark };
}

/** Bindings that the platform signed, each with its bind-h. @param {import('./bundle.js').Bundle} bundle @param {import('./trust.js').Trust} trust */
export async function findBindings(bundle, trust) {
  /** @type {{ hash: string, binding: Binding }[]} */
  const bindings = [];
  for (const signed of bundle.bindings) {
    const message = tryParseFor(signed, 'binding');
    const binding = message && tryRead(bindingKind, message.payload);
    if (binding && (await signerAmong(message, 'binding', trust.bind))) bindings.push({ hash: await shaHex(message.payload), binding });
  }
  return bindings;
}

/** Whether a counter value of the element is void. @param {Binding[]} history of that element alone @param {bigint} mc */
export function isVoid(history, mc) {
  const reaches = (/** @type {Binding} */ { fromMc }) => fromMc !== null && fromMc <= mc;
  return history.some(
    (stop) => stop.state !== 1 && reaches(stop) && !history.some((again) => again.state === 1 && again.seq > stop.seq && reaches(again)),
  );
}
