import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encode } from '../src/cbor.js';
import { toJson } from '../src/report.js';
import { FOLDER, TRUST } from '../testing/fixtures.js';

const CLI = fileURLToPath(new URL('../cli.mjs', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'verifier-js-cli-'));
after(() => rmSync(temporary, { recursive: true }));
const run = (/** @type {string[]} */ ...args) => spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8' });
const bundles = readdirSync(`${FOLDER}bundles`).map((name) => `${FOLDER}bundles/${name}`);

/** @param {string} name @param {Uint8Array} bytes */
function file(name, bytes) {
  writeFileSync(join(temporary, name), bytes);
  return join(temporary, name);
}

test('valid bundles: one JSON line each, exit code 0, trust folder beside them', () => {
  const { status, stdout } = run(...bundles, '--json');
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split('\n').map((line) => JSON.parse(line).status), bundles.map(() => 'VALID'));
});

test('a malformed bundle among good ones: exit code 1', () => {
  const { status, stdout } = run(...bundles, file('bad.jvb', Uint8Array.of(1)), '--trust', TRUST);
  assert.equal(status, 1);
  assert.match(stdout, /INVALID.*R01/);
});

test('a bundle without visits: exit code 2', () => {
  const empty = encode(['jushin-bundle', 1n, [], [], [], [], [], [], [], []]);
  assert.equal(run(file('empty.jvb', empty), '--trust', TRUST).status, 2);
});

test('what cannot be carried out: exit code 64', () => {
  assert.equal(run().status, 64);
  assert.equal(run(join(temporary, 'nothing.jvb'), '--trust', TRUST).status, 64);
  assert.equal(run(bundles[0], '--trust', join(temporary, 'no-trust')).status, 64);
  assert.equal(run(bundles[0], '--trust', temporary).status, 64);
  assert.equal(run(bundles[0], '--colour').status, 64);
});

test('a counter keeps its 64 bits in JSON', () => {
  const visit = /** @type {any} */ ({ counter: 2n ** 64n - 1n });
  const answer = { bundle: '"counter":"7"', status: 'VALID', simulated: false, redacted: false, policy: '', visits: [visit] };
  assert.match(toJson(answer), /"bundle":"\\"counter\\":\\"7\\"",.*"counter":18446744073709551615\}/);
});

test('the time of each bundle is printed apart from the answers', () => {
  assert.match(run(bundles[0], '--time').stderr, /: \d+\.\d ms/);
});
