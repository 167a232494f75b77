/** Copies of this verifier with one rule changed, to see whether a test finds that. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url));

/** @param {string} file of `src/` @param {string} rule text that occurs in it once @param {string} changed what is to stand there @returns {Promise<typeof import('../src/index.js')>} */
export async function planted(file, rule, changed) {
  const folder = await mkdtemp(join(tmpdir(), 'verifier-js-planted-'));
  try {
    await cp(SOURCE, folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const text = await readFile(join(folder, file), 'utf8');
    assert.equal(text.split(rule).length, 2, `${rule} is there once in ${file}`);
    await writeFile(join(folder, file), text.replace(rule, () => changed));
    return await import(pathToFileURL(join(folder, 'index.js')).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}
