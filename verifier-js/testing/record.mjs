/** `JUSHIN=path node verifier-js/testing/record.mjs`: records the first verifier's answers anew. */
import { writeFile } from 'node:fs/promises';
import { ANSWERS, TRUST, cases } from './fixtures.js';
import { ask } from './jushin.js';

/** @type {string[]} */
const answers = [];
const of = (await ask(await cases(), TRUST)).map((answer) => {
  const { bundle, malformed, ...rest } = answer;
  const text = JSON.stringify(malformed === undefined ? rest : { ...rest, malformed: '' });
  if (!answers.includes(text)) answers.push(text);
  return answers.indexOf(text);
});
await writeFile(ANSWERS, `{"answers":[\n${answers.join(',\n')}\n],"of":${JSON.stringify(of)}}\n`);
