/** Times in DER (formats.md 6.1, 8): milliseconds since 1970 as bigint, so that any year fits. */
import { DerError, TAG } from './der.js';

const DATE = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

/** @param {string} digits YYYYMMDDHHMMSS */
function milliseconds(digits) {
  const match = DATE.exec(digits);
  if (!match) throw new DerError('a time of another form');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const same =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day &&
    date.getUTCHours() === hour && date.getUTCMinutes() === minute && date.getUTCSeconds() === second;
  if (!same) throw new DerError('a date that does not exist');
  return BigInt(date.getTime());
}

/** @param {import('./der.js').Element} element */
function ascii(element) {
  return String.fromCharCode(...element.content);
}

/** UTCTime, or GeneralizedTime outside 1950 to 2049. @param {import('./der.js').Element} element */
export function certificateTime(element) {
  const text = ascii(element);
  if (element.tag === TAG.utcTime) {
    const match = /^(\d\d)(\d{10})Z$/.exec(text);
    if (!match) throw new DerError('a UTCTime of another form');
    return milliseconds(`${Number(match[1]) >= 50 ? '19' : '20'}${match[1]}${match[2]}`);
  }
  const year = Number(text.slice(0, 4));
  if (year >= 1950 && year <= 2049) throw new DerError('a GeneralizedTime where UTCTime belongs');
  return generalizedTime(element);
}

/** GeneralizedTime without fraction. @param {import('./der.js').Element} element */
export function generalizedTime(element) {
  const match = /^(\d{14})Z$/.exec(ascii(element));
  if (element.tag !== TAG.generalizedTime || !match) throw new DerError('a GeneralizedTime of another form');
  return milliseconds(match[1]);
}

/** genTime of a token: milliseconds rounded down, and the digits of its fraction. @param {import('./der.js').Element} element */
export function fractionalTime(element) {
  const match = /^(\d{14})(?:\.(\d*[1-9]))?Z$/.exec(ascii(element));
  if (element.tag !== TAG.generalizedTime || !match) throw new DerError('a genTime of another form');
  const fraction = match[2] ?? '';
  return { at: milliseconds(match[1]) + BigInt(fraction.slice(0, 3).padEnd(3, '0')), digits: fraction.length };
}
