/** Checks bundles inside the browser: nothing is sent, nothing is fetched but these scripts themselves. */
import { hex } from '../src/bytes.js';
import { TrustError, readTrust, verifyBundle } from '../src/index.js';
import { bundlesOf, bytesOf, chosen, dropped, trustOf } from './files.js';
import { bundleView } from './view.js';
import { TEXTS, pageLang } from './words.js';

const LARGEST = 256 * 1024 * 1024;
const lang = pageLang();
const root = part('verify');
const [trustInput, bundleInput] = [part('verify-trust'), part('verify-bundles')].map((input) => /** @type {HTMLInputElement} */ (input));
const [trustNote, says, results] = [part('verify-policy'), part('verify-says'), part('verify-results')];

/** @type {import('../src/trust.js').Trust | null} */
let trust = null;
/** @type {import('./files.js').Chosen[]} */
let bundles = [];

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** @param {import('./files.js').Chosen[]} files */
async function take(files) {
  const anchors = trustOf(files);
  if (anchors.length > 0) await takeTrust(anchors);
  const more = bundlesOf(files);
  if (more.length > 0) bundles = more;
  if (bundles.length === 0) return;
  if (trust) await check(trust);
  else says.textContent = TEXTS.needsTrust[lang];
}

/** @param {{ name: string, file: File }[]} files */
async function takeTrust(files) {
  try {
    const read = await Promise.all(files.map(async ({ name, file }) => ({ name, bytes: await bytesOf(file) })));
    trust = await readTrust(read);
    trustNote.textContent = `✓ ${files.length} · policy ${hex(trust.policyId)}`;
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    trust = null;
    trustNote.textContent = `× ${error.message}`;
  }
}

/** @param {import('../src/trust.js').Trust} known */
async function check(known) {
  says.textContent = TEXTS.working[lang];
  results.replaceChildren();
  for (const { path, file } of bundles) {
    const verified = file.size > LARGEST ? { malformed: '> 256 MiB' } : await verifyBundle(await bytesOf(file), known);
    results.append(bundleView(path, verified, lang));
  }
  says.textContent = lang === 'ja' ? `${bundles.length}件を確かめました。` : `${bundles.length} checked.`;
}

for (const words of root.querySelectorAll('[data-words]')) {
  words.textContent = TEXTS[/** @type {HTMLElement} */ (words).dataset.words ?? '']?.[lang] ?? words.textContent;
}
if (globalThis.crypto?.subtle) {
  for (const input of [trustInput, bundleInput]) {
    input.disabled = false;
    input.addEventListener('change', () => input.files && take(chosen(input.files)));
  }
  root.addEventListener('dragover', (event) => event.preventDefault());
  root.addEventListener('drop', async (event) => {
    event.preventDefault();
    if (event.dataTransfer) await take(await dropped(event.dataTransfer));
  });
} else {
  says.textContent = TEXTS.insecure[lang];
}
