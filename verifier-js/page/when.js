/**
 * A window in words: never a bare time where only a window is proven.
 *
 * @typedef {import('./words.js').Lang} Lang
 * @typedef {{ lo: bigint | null, hi: bigint | null }} Window
 */

const JAPAN_MS = 32_400_000;
const LAST_MS = 253_402_268_399_999n;
const REIWA = Date.UTC(2019, 4, 1);
const DAYS = { ja: ['日', '月', '火', '水', '木', '金', '土'], en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] };
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** A date whose UTC fields are those of a clock in Japan. @param {bigint} ms */
function inJapan(ms) {
  return new Date(Number(ms < LAST_MS ? ms : LAST_MS) + JAPAN_MS);
}

/** @param {Date} date @param {Lang} lang */
function day(date, lang) {
  const [year, month, of] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const weekday = DAYS[lang][date.getUTCDay()];
  if (lang === 'en') return `${weekday} ${of} ${MONTHS[month]} ${year}`;
  const era = date.getTime() >= REIWA ? `（令和${year === 2019 ? '元' : year - 2018}年）` : '';
  return `${year}年${era}${month + 1}月${of}日（${weekday}）`;
}

/** @param {Date} date @param {Lang} lang */
function minute(date, lang) {
  const [hour, minutes] = [date.getUTCHours(), date.getUTCMinutes()];
  if (lang === 'en') return `${hour}:${String(minutes).padStart(2, '0')}`;
  return `${hour < 12 ? '午前' : '午後'}${hour % 12}時${minutes}分`;
}

/** @param {Date} date @param {Lang} lang */
const moment = (date, lang) => (lang === 'en' ? `${day(date, lang)}, ${minute(date, lang)}` : day(date, lang) + minute(date, lang));

/** @param {number} cls 0 to 4 @param {Window} window @param {Lang} lang */
export function when(cls, { lo, hi }, lang) {
  if (cls === 0) return lang === 'ja' ? '日時の確認はありません' : 'no time proven';
  if (cls === 1 || lo === null || hi === null) return lang === 'ja' ? '日時の確認はありません。順番だけ確かです' : 'no time proven, only the order';
  const [from, to] = [inJapan(lo), inJapan(hi)];
  if (cls === 3) return lang === 'ja' ? `${day(from, lang)}。時刻はわかりません` : `${day(from, lang)}, time unknown`;
  if (cls === 2) return lang === 'ja' ? `${moment(from, lang)} から ${moment(to, lang)} のあいだ` : `between ${moment(from, lang)} and ${moment(to, lang)}`;
  // "About" means the middle of what is proven.
  const about = inJapan((lo + hi) / 2n);
  const seconds = (hi - lo + 999n) / 1000n;
  if (lang === 'ja') return `${moment(about, lang)}ごろ（幅${seconds}秒）`;
  return `${day(about, lang)}, about ${minute(about, lang)}, proven to ${seconds} s`;
}
