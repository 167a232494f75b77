/**
 * Answers as elements of the page. Text only ever becomes text, never markup.
 *
 * @typedef {import('./words.js').Lang} Lang
 * @typedef {import('../src/visit.js').Verdict} Verdict
 */
import { hex } from '../src/bytes.js';
import { japanese } from '../src/report.js';
import { when } from './when.js';
import { CHECKS, HOLDER_CHECKS, OUTCOMES, REASONS, STATUSES, TEXTS } from './words.js';

/** @param {string} tag @param {{ style?: string }} attributes @param {...(Node | string)} children */
function element(tag, { style }, ...children) {
  const made = document.createElement(tag);
  if (style) made.className = style;
  made.append(...children);
  return made;
}

/** One bundle. @param {string} name @param {import('../src/verify.js').Verified} verified @param {Lang} lang */
export function bundleView(name, verified, lang) {
  const title = element('h2', {}, name);
  if ('malformed' in verified) {
    return element('section', { style: 'card' }, title, statusLine(3, false, lang), element('p', {}, TEXTS.malformed[lang]), details([['R01', verified.malformed]], lang));
  }
  const note = verified.redacted ? [element('p', { style: 'quiet' }, TEXTS.redacted[lang])] : [];
  const visits = verified.visits.map((visit) => visitView(visit, lang));
  const none = visits.length === 0 ? [statusLine(2, false, lang), element('p', {}, TEXTS.empty[lang])] : [];
  return element('section', { style: 'card' }, title, ...note, ...none, ...visits);
}

/** @param {number} status @param {boolean} simulated @param {Lang} lang */
function statusLine(status, simulated, lang) {
  const word = STATUSES[status];
  const line = element('p', { style: word.style }, `${word.mark} ${word[lang]}`);
  if (simulated) line.append(' ', element('span', { style: 'simulated' }, TEXTS.simulated[lang]));
  return line;
}

/** @param {Verdict} visit @param {Lang} lang */
function visitView(visit, lang) {
  const article = element('article', {}, statusLine(visit.status, visit.simulated, lang));
  article.dataset.status = String(visit.status);
  const list = element('dl', {});
  for (const [term, ...lines] of /** @type {[string, ...string[]][]} */ ([
    [TEXTS.who[lang], who(visit, lang)],
    [TEXTS.where[lang], where(visit, lang)],
    [TEXTS.when[lang], when(visit.cls, visit.window, lang)],
    [TEXTS.why[lang], ...why(visit, lang)],
  ])) {
    list.append(element('dt', {}, term), ...lines.map((line) => element('dd', {}, line)));
  }
  article.append(list, details(specialist(visit, lang), lang));
  return article;
}

/** @param {Verdict} visit @param {Lang} lang */
function who({ presence }, lang) {
  const check = presence && HOLDER_CHECKS[presence.method];
  if (!check) return '—';
  return lang === 'ja' ? `カードの持ち主（${check.ja}、医療機関の申告による）` : `the card’s holder (${check.en}, asserted by the institution)`;
}

/** @param {Verdict} visit @param {Lang} lang */
function where({ presence, terminal }, lang) {
  if (!presence) return '—';
  const at = terminal ? hex(terminal).slice(0, 8) : '—';
  return lang === 'ja' ? `医療機関 ${presence.i}、端末 ${at}` : `institution ${presence.i}, terminal ${at}`;
}

/** @param {Verdict} visit @param {Lang} lang */
function why({ reasons }, lang) {
  if (reasons.length === 0) return [TEXTS.allPassed[lang]];
  return reasons.map((reason) => `${REASONS[reason][lang]} (R${String(reason).padStart(2, '0')})`);
}

/** @param {Verdict} visit @param {Lang} lang @returns {[string, string][]} */
function specialist({ evid, presence, window, cls, binding, checks }, lang) {
  return [
    ['evid', hex(evid)],
    ['class', String(cls)],
    ['window', `${japanese(window.lo) ?? '…'} – ${japanese(window.hi) ?? '…'}`],
    ['element', presence ? hex(presence.se) : '—'],
    ['counter', presence ? `${presence.ctr}, ${presence.ctr + 1n}` : '—'],
    ['binding', binding ? String(binding.seq) : '—'],
    ...CHECKS.map((check, i) => /** @type {[string, string]} */ ([`V${i + 1} ${check[lang]}`, OUTCOMES[checks.get(i + 1) ?? 'none'][lang]])),
  ];
}

/** @param {[string, string][]} rows @param {Lang} lang */
function details(rows, lang) {
  const list = element('dl', {}, ...rows.flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text)]));
  return element('details', {}, element('summary', {}, TEXTS.details[lang]), list);
}
