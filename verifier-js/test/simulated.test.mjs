import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import * as verifier from '../src/index.js';
import { differences } from '../testing/compare.js';
import { JUSHIN, ask } from '../testing/jushin.js';

const DAYS = ['--institutions', '4', '--patients', '6', '--days', '2', '--seed', '3', '--offline-share', '0.3'];

/** @param {string} folder @returns {Promise<{ name: string, bytes: Uint8Array<ArrayBuffer> }[]>} */
async function read(folder) {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(join(folder, name))) })));
}

test('both verifiers agree on two days of outages, power cuts and wrong clocks', { skip: JUSHIN ? false : 'JUSHIN is not set' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verifier-js-simulated-'));
  try {
    // It fails by itself if a visit is lost, unsound or not proven.
    await promisify(execFile)(/** @type {string} */ (JUSHIN), ['simulate', ...DAYS, '--out', folder]);
    const [bundles, trust] = [await read(join(folder, 'bundles')), await verifier.readTrust(await read(join(folder, 'trust')))];
    assert.ok(bundles.length >= 20, `${bundles.length} bundles`);
    const answers = await ask(bundles, join(folder, 'trust'));
    assert.equal(answers.length, bundles.length);
    for (const [i, { name, bytes }] of bundles.entries()) {
      const mine = JSON.parse(verifier.toJson(verifier.report(name, await verifier.verifyBundle(bytes, trust), trust)));
      assert.deepEqual(differences(mine, answers[i]), [], name);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
