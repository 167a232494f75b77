/**
 * Files that a person chooses or drops.
 *
 * @typedef {{ path: string, file: File }} Chosen path within what was chosen, e.g. `trust/sp-1.pem`
 */

/** @param {FileList} list @returns {Chosen[]} */
export function chosen(list) {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Everything in a drop, folders opened. Entries must be asked for before the first await. @param {DataTransfer} data @returns {Promise<Chosen[]>} */
export async function dropped(data) {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found = await Promise.all(entries.map((entry) => inside(entry, '')));
  return found.flat();
}

/** @param {FileSystemEntry} entry @param {string} above @returns {Promise<Chosen[]>} */
async function inside(entry, above) {
  const path = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return [{ path, file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} a part of the folder; none at its end */
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return found;
    for (const below of part) found.push(...(await inside(below, `${path}/`)));
  }
}

/** Bundles among the files. @param {Chosen[]} files */
export function bundlesOf(files) {
  return files.filter(({ path }) => path.endsWith('.jvb'));
}

/** Files of a trust folder among the files: all that are no bundle, named within their folder. @param {Chosen[]} files */
export function trustOf(files) {
  return files.filter(({ path }) => !path.endsWith('.jvb')).map(({ path, file }) => ({ name: path.slice(path.indexOf('/') + 1), file }));
}

/** @param {File} file @returns {Promise<import('../src/bytes.js').Bytes>} */
export async function bytesOf(file) {
  return new Uint8Array(await file.arrayBuffer());
}
