/** Messages 80 to 93 between parties (formats.md 14.6). No part of a bundle; here so that every vector is read. */
import { array, bytes, choice, date, h32, id16, inst, list, nilOr, pid, text, uint } from './fields.js';
import { versioned } from './objects.js';

const sign1 = bytes();
const sealed = array({ ctr: uint, evid: h32, enc: bytes(), ct: bytes() });
const visitRow = array({ evid: h32, i: inst, lo: nilOr(uint), hi: nilOr(uint) });

export const hello = versioned(80, { se: id16, bindSeq: uint, last: uint, tpmN: nilOr(bytes(32, 32)) });
export const unlock = versioned(81, { tst: bytes(), actS: sign1, grant: nilOr(bytes()) });
export const gapQuery = versioned(82, { se: id16, lo: uint, hi: nilOr(uint), n: h32 });
export const batch = versioned(83, { se: id16, records: list(sign1), anchors: list(bytes()), boxes: list(sealed), closeS: nilOr(sign1) });
export const batchAck = versioned(84, { receiptS: sign1, verdicts: list(sign1), eligs: list(sign1), visits: list(sealed) });
export const receiptPoll = versioned(85, { se: id16, lo: uint, hi: uint });
export const capFetch = versioned(86, { req: bytes(), pres: nilOr(bytes()), commitB: nilOr(bytes()), verdictS: nilOr(sign1) }, (it) => {
  const missing = [it.pres, it.commitB, it.verdictS].filter((part) => part === null).length;
  return missing !== 0 && missing !== 3 && 'all three parts or none';
});
export const capList = versioned(87, { visits: list(visitRow), caps: list(sign1) });
export const fresh = versioned(88, { n: id16, exp: uint });
export const refFetch = versioned(89, { evid: nilOr(h32), req: bytes(), provider: inst });
export const bgFind = versioned(90, { name: text(), sex: choice(0, 2), birth: date, address: text() });
export const bgFound = versioned(91, { patient: h32 });
export const bgOpen = versioned(92, { bgS: sign1, secondS: nilOr(sign1) });
export const bgPerson = versioned(93, { bgS: sign1, secondS: nilOr(sign1), subject: pid });
