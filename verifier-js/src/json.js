/**
 * JSON as policy.json needs it (formats.md 10): `JSON.parse` drops repeated keys and rounds numbers, so objects are read
 * as lists of pairs and numbers as text.
 *
 * @typedef {{ number: string }} JsonNumber
 * @typedef {string | boolean | null | JsonNumber | any[] | JsonObject} Json
 */

export class JsonObject {
  /** @param {[string, Json][]} pairs */
  constructor(pairs) {
    this.pairs = pairs;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;

/** @param {string} text @returns {Json} */
export function parseJson(text) {
  let at = 0;
  const match = (/** @type {RegExp} */ pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const token = (/** @type {string} */ wanted) => {
    match(SPACE);
    if (!text.startsWith(wanted, at)) return false;
    at += wanted.length;
    match(SPACE);
    return true;
  };
  /** @returns {never} */
  const fail = () => {
    throw new SyntaxError(`not JSON at character ${at}`);
  };
  const string = () => {
    const value = JSON.parse(match(STRING) ?? fail());
    return value.isWellFormed?.() === false ? fail() : value;
  };
  /** @template T @param {string} end @param {() => T} item */
  const several = (end, item) => {
    /** @type {T[]} */
    const items = [];
    if (token(end)) return items;
    do items.push(item());
    while (token(','));
    return token(end) ? items : fail();
  };
  /** @param {number} depth @returns {Json} */
  const value = (depth) => {
    if (depth > 100) fail();
    match(SPACE);
    if (token('{')) {
      return new JsonObject(several('}', () => {
        const key = string();
        return token(':') ? [key, value(depth + 1)] : fail();
      }));
    }
    if (token('[')) return several(']', () => value(depth + 1));
    if (text[at] === '"') return string();
    for (const [word, meaning] of /** @type {const} */ ([['true', true], ['false', false], ['null', null]])) {
      if (token(word)) return meaning;
    }
    return { number: match(NUMBER) ?? fail() };
  };
  const result = value(0);
  match(SPACE);
  return at === text.length ? result : fail();
}
