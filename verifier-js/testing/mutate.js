/**
 * Damages bundles in seeded ways: bytes, entries, fields, and parts of other bundles in their place.
 *
 * @typedef {import('../src/bytes.js').Bytes} Bytes
 * @typedef {any[]} Lists the ten elements of a bundle, the last eight being lists
 * @typedef {{ random: import('./random.js').Random, lists: Lists, others: Lists[], bytes: Bytes }} Victim
 */
import { decode, encode } from '../src/cbor.js';
import { Random } from './random.js';

const FIRST = 2;
const LAST = 9;
const EVS = 2;
const ANCHORS = 3;
const RECORDS = 4;
const RESULTS = 8;

/** @param {Bytes} bytes @param {Random} random @returns {Bytes} */
function flip(bytes, random) {
  if (bytes.length === 0) return bytes;
  const copy = bytes.slice();
  copy[random.below(copy.length)] ^= 1 << random.below(8);
  return copy;
}

/** Lists that are not empty. @param {Lists} lists */
function filled(lists) {
  return [2, 3, 4, 5, 6, 7, 8, 9].filter((i) => lists[i].length > 0);
}

/** Changes one field of an encoded object by `change`. @param {Bytes} encoded @param {Random} random @param {(field: any) => any} change */
function withField(encoded, random, change) {
  const fields = /** @type {any[]} */ (decode(encoded));
  const at = 2 + random.below(fields.length - 2);
  fields[at] = change(fields[at]);
  return encode(fields);
}

/** @param {Random} random @returns {(field: any) => any} */
const damaged = (random) => (field) => {
  if (field instanceof Uint8Array) return flip(/** @type {Bytes} */ (field), random);
  if (typeof field === 'bigint') return field + BigInt(random.below(3)) - 1n;
  return field;
};

/** Makes a redacted bundle of a full one. @param {Lists} lists */
export function redact(lists) {
  lists[EVS] = lists[EVS].map((/** @type {Bytes} */ encoded) => {
    const fields = /** @type {any[]} */ (decode(encoded));
    return fields[0] === 30n ? encode([38n, 1n, fields[2], fields[8]]) : encoded;
  });
}

/** @type {Record<string, (victim: Victim) => Bytes | void>} */
const MUTATIONS = {
  flipByte: ({ bytes, random }) => flip(bytes, random),
  flipInEntry({ lists, random }) {
    const list = lists[random.pick(filled(lists))];
    const at = random.below(list.length);
    list[at] = flip(list[at], random);
  },
  flipInEvidence: ({ lists, random }) => void (lists[EVS][0] = withField(lists[EVS][0], random, damaged(random))),
  flipInAnchor({ lists, random }) {
    const at = random.below(lists[ANCHORS].length);
    lists[ANCHORS][at] = withField(lists[ANCHORS][at], random, damaged(random));
  },
  flipInPayload({ lists, random }) {
    const list = lists[random.pick([RECORDS, 7, RESULTS].filter((i) => lists[i].length > 0))];
    const at = random.below(list.length);
    const message = /** @type {any[]} */ (decode(list[at]));
    message[2] = withField(message[2], random, damaged(random));
    list[at] = encode(message);
  },
  emptyFieldOfAnchor({ lists, random }) {
    const at = random.below(lists[ANCHORS].length);
    lists[ANCHORS][at] = withField(lists[ANCHORS][at], random, (field) => (field instanceof Uint8Array ? new Uint8Array() : field));
  },
  openBracket({ lists, random }) {
    const at = random.below(lists[ANCHORS].length);
    const fields = /** @type {any[]} */ (decode(lists[ANCHORS][at]));
    if (fields[2] === 1n) fields[6] = new Uint8Array();
    if (fields[2] === 1n && random.below(2) === 0) fields[5] = new Uint8Array();
    lists[ANCHORS][at] = encode(fields);
  },
  closeAsAnchor({ lists, random }) {
    const token = /** @type {any[]} */ (decode(random.pick(lists[ANCHORS])))[4];
    lists[ANCHORS].push(encode([15n, 1n, BigInt(3 + random.below(2)), random.pick([...lists[RECORDS], new Uint8Array()]), token]));
  },
  dropEntry({ lists, random }) {
    const list = lists[random.pick(filled(lists))];
    list.splice(random.below(list.length), 1);
  },
  dropSome({ lists, random }) {
    for (const i of filled(lists)) if (i !== EVS) lists[i] = lists[i].filter(() => random.below(3) > 0);
  },
  clearList: ({ lists, random }) => void (lists[random.pick(filled(lists))] = []),
  doubleAndTurn({ lists, random }) {
    const i = random.pick(filled(lists));
    lists[i] = [...lists[i], ...lists[i]].reverse();
  },
  swapEntries({ lists, random }) {
    const [a, b] = [random.pick(filled(lists)), random.pick(filled(lists))];
    const [at, bt] = [random.below(lists[a].length), random.below(lists[b].length)];
    [lists[a][at], lists[b][bt]] = [lists[b][bt], lists[a][at]];
  },
  listOfOther({ lists, others, random }) {
    const i = FIRST + random.below(LAST - FIRST + 1);
    lists[i] = random.pick(others)[i];
  },
  joined({ lists, others, random }) {
    const other = random.pick(others);
    for (let i = FIRST; i <= LAST; i += 1) if (random.below(3) > 0) lists[i] = [...lists[i], ...other[i]];
  },
  fieldOfOther({ lists, others, random }) {
    const other = /** @type {any[]} */ (decode(random.pick(others)[EVS][0] ?? lists[EVS][0]));
    const fields = /** @type {any[]} */ (decode(lists[EVS][0]));
    const at = 2 + random.below(fields.length - 2);
    fields[at] = other[at];
    lists[EVS][0] = encode(fields);
  },
  anotherAlgorithm({ lists, random }) {
    const fields = /** @type {any[]} */ (decode(lists[EVS][0]));
    fields[3] = random.pick([-7n, -8n, -35n, -37n, -257n, -258n]);
    lists[EVS][0] = encode(fields);
  },
  redacted({ lists, random, others }) {
    redact(lists);
    if (random.below(3) === 0) lists[RESULTS] = [];
    if (random.below(3) === 0) lists[RESULTS] = [...lists[RESULTS], ...random.pick(others)[RESULTS]];
    if (random.below(3) === 0) lists[random.pick(filled(lists))].pop();
  },
  longer: ({ bytes, random }) => Uint8Array.of(...bytes, random.below(256)),
  shorter: ({ bytes, random }) => bytes.slice(0, random.below(bytes.length)),
};

/** The kinds of damage, by name. */
export const KINDS = Object.keys(MUTATIONS);

/** Damage of one kind, or the bundle as it was if that kind has nothing to work on. @param {Bytes} bytes @param {Bytes[]} others @param {string} kind @param {Random} random @returns {Bytes} */
export function mutate(bytes, others, kind, random) {
  const lists = () => /** @type {Lists} */ (decode(bytes));
  const victim = { random, bytes, lists: lists(), others: others.map((other) => /** @type {Lists} */ (decode(other))) };
  try {
    return MUTATIONS[kind](victim) ?? encode(victim.lists);
  } catch {
    return bytes;
  }
}

/** `count` damaged bundles, kinds and victims taking turns. @param {Bytes[]} bundles @param {number} seed @param {number} count */
export function mutants(bundles, seed, count) {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const victim = bundles[Math.floor(i / KINDS.length) % bundles.length];
    const kind = KINDS[i % KINDS.length];
    return { name: `${String(i).padStart(4, '0')}-${kind}`, bytes: mutate(victim, bundles.filter((other) => other !== victim), kind, random) };
  });
}
