/** Asks the first verifier, as a black box. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Path of its program, or undefined: set JUSHIN to compare live. */
export const JUSHIN = process.env.JUSHIN;

/**
 * Its answers, in order.
 *
 * @param {{ name: string, bytes: Uint8Array }[]} bundles
 * @param {string} trust folder
 * @returns {Promise<any[]>}
 */
export async function ask(bundles, trust) {
  const folder = await mkdtemp(join(tmpdir(), 'jushin-compare-'));
  try {
    const paths = [];
    for (const { name, bytes } of bundles) {
      const path = join(folder, `${name}.jvb`);
      await writeFile(path, bytes);
      paths.push(path);
    }
    const lines = await run(['verify', '--json', '--trust', trust, ...paths]);
    return lines.map((line) => JSON.parse(line));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {string[]} args @returns {Promise<string[]>} lines of standard output; exit codes 0 to 2 are answers */
function run(args) {
  return new Promise((resolve, reject) => {
    execFile(/** @type {string} */ (JUSHIN), args, { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error && ![1, 2].includes(Number(error.code))) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(stdout.split('\n').filter((line) => line !== ''));
    });
  });
}
