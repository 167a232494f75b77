/** Bundles and trust folder of one simulated day, and what the first verifier said about 500 damaged copies of them. */
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutate.js';

export const FOLDER = fileURLToPath(new URL('../fixtures/', import.meta.url));
export const TRUST = `${FOLDER}trust`;
export const ANSWERS = `${FOLDER}answers.json`;
const SEED = 20260407;
const COUNT = 500;

/** Files of a folder, by name. @param {string} folder */
export async function filesOf(folder) {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => ({ name, bytes: new Uint8Array(await readFile(`${folder}/${name}`)) })));
}

/** The bundles as they were, then the damaged ones. */
export async function cases() {
  const bundles = await filesOf(`${FOLDER}bundles`);
  return [...bundles, ...mutants(bundles.map(({ bytes }) => bytes), SEED, COUNT)];
}

/** Recorded answers, in the order of {@link cases}. @returns {Promise<any[]>} */
export async function recorded() {
  const { answers, of } = JSON.parse(await readFile(ANSWERS, 'utf8'));
  return of.map((/** @type {number} */ i) => answers[i]);
}
