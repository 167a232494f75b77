/** The corpus of forged and damaged bundles, made anew by its generator, with the answers that are due. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesOf } from './fixtures.js';

/**
 * @typedef {{
 *   evid: string, status: string, class: number, earliest: number | null, latest: number | null, reasons: number[], simulated: boolean,
 * }} ExpectedVisit
 * @typedef {{
 *   name: string, what: string, check: string, trust: string, honest: boolean, unreadable: boolean, status: string, exit: number,
 *   visits: ExpectedVisit[], bytes: Uint8Array<ArrayBuffer>,
 * }} Case
 * @typedef {{ cases: Case[], trust: Map<string, { name: string, bytes: Uint8Array<ArrayBuffer> }[]> }} Corpus trust folders by name
 */

/** Path of the generator, or undefined: set JUSHIN_CORPUS to run it. */
export const GENERATOR = process.env.JUSHIN_CORPUS;

/** @returns {Promise<Corpus>} */
export async function corpus() {
  const folder = await mkdtemp(join(tmpdir(), 'jushin-corpus-'));
  try {
    await promisify(execFile)(/** @type {string} */ (GENERATOR), [folder]);
    const { cases } = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
    const trust = new Map();
    for (const one of cases) {
      one.bytes = new Uint8Array(await readFile(join(folder, one.file)));
      if (!trust.has(one.trust)) trust.set(one.trust, await filesOf(join(folder, one.trust)));
    }
    return { cases, trust };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Cases to which a verifier gives another answer than the one that is due.
 *
 * @param {typeof import('../src/index.js')} program
 * @param {Corpus} corpus
 * @param {Iterable<Case>} [some] of its cases
 * @returns {Promise<{ name: string, lines: string[] }[]>}
 */
export async function wrongAnswers(program, { cases, trust }, some = cases) {
  const folders = new Map();
  for (const [name, files] of trust) folders.set(name, await program.readTrust(files));
  const wrong = [];
  for (const one of some) {
    const lines = differences(program, one, await program.verifyBundle(one.bytes, folders.get(one.trust)), folders.get(one.trust));
    if (lines.length > 0) wrong.push({ name: one.name, lines });
  }
  return wrong;
}

/** @param {typeof import('../src/index.js')} program @param {Case} due @param {import('../src/verify.js').Verified} found @param {import('../src/trust.js').Trust} trust */
function differences(program, due, found, trust) {
  const report = program.report(due.name, found, trust);
  const answer = {
    unreadable: 'malformed' in found, status: report.status, exit: program.exitCode([report]),
    visits: 'malformed' in found ? [] : found.visits.map((visit, i) => ({
      evid: report.visits[i].evid, status: report.visits[i].status, class: visit.cls,
      earliest: number(visit.window.lo), latest: number(visit.window.hi), reasons: visit.reasons, simulated: visit.simulated,
    })),
  };
  const lines = [];
  for (const key of /** @type {const} */ (['unreadable', 'status', 'exit', 'visits'])) {
    const [mine, right] = [JSON.stringify(answer[key]), JSON.stringify(due[key])];
    if (mine !== right) lines.push(`${key}: ${mine}, due ${right}`);
  }
  return lines;
}

/** @param {bigint | null} ms */
const number = (ms) => (ms === null ? null : Number(ms));
