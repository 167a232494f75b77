/**
 * The trust folder (formats.md 10): whom the verifier believes, and by which policy.
 *
 * @typedef {import('./bytes.js').Bytes} Bytes
 * @typedef {import('./certificate.js').Certificate} Certificate
 * @typedef {{ certificate: Certificate, key: import('./crypto.js').PublicKey }} Pinned
 * @typedef {{
 *   cards: Certificate[], elements: Certificate[], timeStampers: Certificate[], staff: Certificate[],
 *   providers: Pinned[], bind: Pinned[], receipts: Pinned[], cvAuthorities: import('./cv.js').CvCertificate[],
 *   policy: import('./policy.js').Policy, policyId: Bytes, files: number,
 * }} Trust
 */
import { compare, fromBase64, textOf, utf8 } from './bytes.js';
import { encode } from './cbor.js';
import { parseCertificate } from './certificate.js';
import { sha } from './crypto.js';
import { parseCv } from './cv.js';
import { defaultPolicy, parsePolicy } from './policy.js';

/** The folder does not say whom to trust: nothing can be verified with it. */
export class TrustError extends Error {}

const STARRED = /^(ca-u|se-ca|tsa|hpki|sp)-[^/\\]+\.pem$/s;
const LISTS = /** @type {const} */ ({ 'ca-u': 'cards', 'se-ca': 'elements', tsa: 'timeStampers', hpki: 'staff', sp: 'providers' });
const PINNED = /** @type {const} */ ({ 'pf-bind.pem': 'bind', 'pf-rcpt.pem': 'receipts' });

/**
 * Trust of the files of a folder; throws a {@link TrustError}.
 *
 * @param {Iterable<{ name: string, bytes: Bytes }>} files
 * @returns {Promise<Trust>}
 */
export async function readTrust(files) {
  const sorted = [...files].sort((a, b) => compare(utf8(a.name), utf8(b.name)));
  /** @type {Trust} */
  const trust = {
    cards: [], elements: [], timeStampers: [], staff: [], providers: [], bind: [], receipts: [], cvAuthorities: [],
    policy: defaultPolicy(), policyId: new Uint8Array(), files: sorted.length,
  };
  for (const [i, { name, bytes }] of sorted.entries()) {
    if (i > 0 && sorted[i - 1].name === name) throw new TrustError(`${name} is there twice`);
    try {
      add(trust, name, bytes);
    } catch (error) {
      throw new TrustError(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const list = [];
  for (const { name, bytes } of sorted) list.push([name, await sha(bytes)]);
  trust.policyId = await sha(encode(list));
  return trust;
}

/** @param {Trust} trust @param {string} name @param {Bytes} bytes */
function add(trust, name, bytes) {
  if (name === 'policy.json') {
    trust.policy = parsePolicy(bytes);
    return;
  }
  if (/^ca-i-[^/\\]+\.bin$/s.test(name)) {
    const authority = parseCv(bytes);
    if (!authority) throw new Error('not a CV certificate');
    trust.cvAuthorities.push(authority);
    return;
  }
  if (name === 'pf-rev.pem') {
    readPem(bytes, false);
    return;
  }
  if (name in PINNED) {
    trust[PINNED[/** @type {keyof typeof PINNED} */ (name)]].push(...pinned(readPem(bytes, false)));
    return;
  }
  const kind = /** @type {keyof typeof LISTS | undefined} */ (STARRED.exec(name)?.[1]);
  if (!kind) throw new Error('a name that is not known here');
  if (kind === 'sp') trust.providers.push(...pinned(readPem(bytes, false)));
  else trust[LISTS[kind]].push(...readPem(bytes, true));
}

/** @param {Certificate[]} certificates @returns {Pinned[]} */
function pinned(certificates) {
  return certificates.flatMap((certificate) => (certificate.key ? [{ certificate, key: certificate.key }] : []));
}

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/** @param {Bytes} bytes @param {boolean} ca whether they must be CAs, or must not */
function readPem(bytes, ca) {
  const blocks = textOf(bytes).split(BEGIN).slice(1);
  if (blocks.length === 0) throw new Error('no certificate');
  return blocks.map((block) => {
    const end = block.indexOf(END);
    if (end < 0) throw new Error('half a certificate');
    const certificate = parseCertificate(fromBase64(block.slice(0, end)));
    if (certificate.ca !== ca) throw new Error(ca ? 'not a CA' : 'a CA');
    return certificate;
  });
}
