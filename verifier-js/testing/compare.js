/** Where two answers about the same bundle differ. Texts for people (`malformed`) and names of files are no part of it. */

/**
 * @param {any} mine
 * @param {any} theirs
 * @returns {string[]} one line a difference
 */
export function differences(mine, theirs) {
  if ('malformed' in mine !== 'malformed' in theirs) return [`malformed: ${mine.malformed} / ${theirs.malformed}`];
  const different = [];
  for (const key of ['status', 'simulated', 'redacted', 'policy', 'reasons']) {
    if (JSON.stringify(mine[key]) !== JSON.stringify(theirs[key])) different.push(`${key}: ${JSON.stringify(mine[key])} / ${JSON.stringify(theirs[key])}`);
  }
  if (mine.visits.length !== theirs.visits.length) different.push(`visits: ${mine.visits.length} / ${theirs.visits.length}`);
  for (const [i, visit] of mine.visits.entries()) {
    const other = theirs.visits[i] ?? {};
    for (const key of new Set([...Object.keys(visit), ...Object.keys(other)])) {
      const [a, b] = [visit[key], other[key]].map((value) => JSON.stringify(value));
      if (a !== b) different.push(`visit ${i} ${key}: ${a} / ${b}`);
    }
  }
  return different;
}
