import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { when } from '../page/when.js';
import { CHECKS, HOLDER_CHECKS, OUTCOMES, REASONS, STATUSES, TEXTS } from '../page/words.js';

const PAGE = new URL('../page/', import.meta.url);
const html = readFileSync(new URL('verify.html', PAGE), 'utf8');
const LO = BigInt(Date.UTC(2026, 3, 6, 23, 52, 3));

test('the fragment keeps a strict content security policy', () => {
  assert.doesNotMatch(html, /<style|style=|\son[a-z]+=|https?:|<script(?![^>]*\ssrc=)/);
});

test('no script of the verifier or the page sends or fetches anything, or makes markup of text', () => {
  for (const folder of ['../page/', '../src/']) {
    for (const name of readdirSync(new URL(folder, import.meta.url)).filter((file) => file.endsWith('.js'))) {
      const code = readFileSync(new URL(folder + name, import.meta.url), 'utf8');
      assert.doesNotMatch(code, /fetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource|innerHTML|outerHTML|insertAdjacentHTML|eval\(|import\(["'`]\w|from '(?!\.)/, name);
    }
  }
});

test('every text of the fragment is there in both languages', () => {
  const names = [...html.matchAll(/data-words="(\w+)">([^<]*)</g)];
  assert.ok(names.length >= 5);
  for (const [, name, shown] of names) assert.equal(shown, TEXTS[name].ja);
  for (const words of [...Object.values(TEXTS), ...STATUSES, ...Object.values(HOLDER_CHECKS), ...Object.values(REASONS), ...CHECKS, ...Object.values(OUTCOMES)]) {
    assert.ok(words.ja && words.en);
  }
  assert.deepEqual([STATUSES.length, Object.keys(REASONS).length, CHECKS.length], [5, 15, 12]);
});

test('a time is said only as exactly as it is proven', () => {
  assert.equal(when(4, { lo: LO, hi: LO + 2500n }, 'ja'), '2026年（令和8年）4月7日（火）午前8時52分ごろ（幅3秒）');
  assert.equal(when(4, { lo: LO, hi: LO + 2500n }, 'en'), 'Tue 7 April 2026, about 8:52, proven to 3 s');
  assert.equal(when(3, { lo: LO, hi: LO + 9_000_000n }, 'en'), 'Tue 7 April 2026, time unknown');
  assert.equal(when(2, { lo: LO, hi: LO + 86_400_000n }, 'ja'), '2026年（令和8年）4月7日（火）午前8時52分 から 2026年（令和8年）4月8日（水）午前8時52分 のあいだ');
  assert.equal(when(1, { lo: LO, hi: null }, 'en'), 'no time proven, only the order');
  assert.equal(when(0, { lo: null, hi: null }, 'ja'), '日時の確認はありません');
  assert.equal(when(2, { lo: 0n, hi: 2n ** 64n - 1n }, 'en').includes('NaN'), false);
});
