import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intersect, lowerBounds, rounded, upperBounds, whole } from '../src/window.js';

const TICK = { kind: 1, tauUs: 1000n, rhoPpm: 1000n };
const stamp = (/** @type {bigint} */ ctr, /** @type {bigint} */ count) => /** @type {any} */ ({ tn: 'cycle', ctr, count });
const ANCHOR = /** @type {any} */ ({ ts1: stamp(16n, 500n), ts2: stamp(17n, 900n), time: { earliest: 999_900_000n, latest: 1_000_100_000n } });

test('the worked example of the format description', () => {
  const exact = intersect(lowerBounds(ANCHOR, stamp(19n, 4200n), TICK), upperBounds(ANCHOR, stamp(20n, 4203n), TICK));
  assert.equal(exact.contradicts, false);
  assert.deepEqual(rounded(exact), { lo: 1_003_195n, hi: 1_003_808n });
});

test('an event before the bracket has bounds from its ticks too', () => {
  assert.deepEqual(upperBounds(ANCHOR, stamp(15n, 100n), TICK), [whole(1_000_100_000n), { n: 1_000_100_000n * 1_001_000n - 399n * 1000n * 1_000_000n, d: 1_001_000n }]);
  assert.deepEqual(lowerBounds(ANCHOR, stamp(16n, 100n), TICK), [{ n: 999_900_000n * 999_000n - 801n * 1000n * 1_000_000n, d: 999_000n }]);
});

test('another power cycle, and a date, bound by order alone', () => {
  const other = { ...stamp(19n, 4200n), tn: 'another' };
  assert.deepEqual(lowerBounds(ANCHOR, other, TICK), [whole(999_900_000n)]);
  assert.deepEqual(lowerBounds(ANCHOR, stamp(19n, 4200n), { kind: 2, tauUs: 0n, rhoPpm: 0n }), [whole(999_900_000n)]);
  assert.deepEqual(upperBounds(ANCHOR, other, TICK), []);
});

test('an open bracket gives no lower bound', () => {
  assert.deepEqual(lowerBounds({ ...ANCHOR, ts2: null }, stamp(19n, 4200n), TICK), []);
});

test('ends are rounded outwards, not below 1970 and not above 64 bits', () => {
  assert.deepEqual(rounded({ lo: whole(1999n), hi: whole(2001n) }), { lo: 1n, hi: 3n });
  assert.deepEqual(rounded({ lo: whole(-1n), hi: whole(-1001n) }), { lo: 0n, hi: 0n });
  assert.deepEqual(rounded({ lo: null, hi: whole(2n ** 64n * 1000n) }), { lo: null, hi: null });
});

test('bounds contradict each other before rounding, and a huge one is none', () => {
  assert.equal(intersect([{ n: 3n, d: 2n }], [whole(1n)]).contradicts, true);
  assert.equal(intersect([whole(1n)], [whole(1n)]).contradicts, false);
  assert.deepEqual(intersect([whole(2n ** 100n)], [whole(-(2n ** 100n))]), { lo: null, hi: null, contradicts: false });
});
