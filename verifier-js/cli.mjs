#!/usr/bin/env node
/**
 * `node verifier-js/cli.mjs BUNDLE… [--trust DIR] [--json] [--time]`: checks bundles offline (formats.md 13).
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCode, readTrust, report, toJson, TrustError, verifyBundle } from './src/index.js';

const LARGEST = 256 * 1024 * 1024;
const CANNOT = 64;

/** The call cannot be carried out. */
class CallError extends Error {}

/** @param {string} path @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function readBytes(path) {
  return new Uint8Array(await readFile(path));
}

/** @param {string} folder */
async function readFolder(folder) {
  const files = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!(await stat(path)).isFile()) throw new TrustError(`${entry.name} is no file`);
    files.push({ name: entry.name, bytes: await readBytes(path) });
  }
  return readTrust(files);
}

/** @param {string} path */
async function readBundle(path) {
  if ((await stat(path)).size > LARGEST) throw new CallError(`${path} is larger than 256 MiB`);
  return readBytes(path);
}

/** @param {string[]} args */
async function run(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { trust: { type: 'string' }, json: { type: 'boolean' }, time: { type: 'boolean' } },
  });
  if (positionals.length === 0) throw new CallError('usage: cli.mjs BUNDLE… [--trust DIR] [--json] [--time]');
  const trust = await readFolder(values.trust ?? join(dirname(dirname(resolve(positionals[0]))), 'trust'));
  const bundles = [];
  for (const path of positionals) bundles.push({ path, bytes: await readBundle(path) });
  const reports = [];
  for (const { path, bytes } of bundles) {
    const began = performance.now();
    const verified = await verifyBundle(bytes, trust);
    const took = performance.now() - began;
    const answer = report(path, verified, trust);
    reports.push(answer);
    console.log(values.json ? toJson(answer) : block(answer));
    if (values.time) console.error(`${path}: ${took.toFixed(1)} ms`);
  }
  return exitCode(reports);
}

/** @param {import('./src/report.js').BundleReport | import('./src/report.js').MalformedReport} answer */
function block(answer) {
  if ('malformed' in answer) return `INVALID  ${answer.bundle}   R01: ${answer.malformed}`;
  const mark = answer.simulated ? '   ◇ simulated' : '';
  const visits = answer.visits.map(({ status, earliest, latest, institution, reasons, evid }) =>
    [`  ${status}`, `${earliest ?? '?'} … ${latest ?? '?'}`, institution ?? 'no institution', evid.slice(0, 12), ...reasons].join('  '),
  );
  return [`${answer.status}  ${answer.bundle}${answer.redacted ? '   redacted' : ''}${mark}`, ...visits].join('\n');
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = CANNOT;
}
