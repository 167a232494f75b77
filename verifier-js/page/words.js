/**
 * What the page says, Japanese and English.
 *
 * @typedef {'ja' | 'en'} Lang
 */

/** Fixed texts, by the name in `data-words`. @type {Record<string, Record<Lang, string>>} */
export const TEXTS = {
  title: { ja: '受診の記録を確かめる', en: 'Check a proven visit' },
  promise: {
    ja: '選んだファイルは、このブラウザーの中だけで確かめます。どこにも送りません。',
    en: 'The files you choose are checked inside this browser. Nothing is sent anywhere.',
  },
  trust: { ja: '1. だれを信頼するか（trust フォルダー）', en: '1. Whom you trust (the trust folder)' },
  bundles: { ja: '2. 確かめる記録（.jvb）', en: '2. The records to check (.jvb)' },
  drop: { ja: 'フォルダーとファイルは、ここに落とすこともできます。', en: 'You can also drop the folder and the files here.' },
  needsTrust: { ja: 'まず trust フォルダーを選んでください。', en: 'Choose the trust folder first.' },
  insecure: {
    ja: 'このページの開き方では、ブラウザーの暗号機能が使えません。https か、このコンピューターの上で開いてください。',
    en: 'Opened this way, the browser withholds its cryptography. Open the page by https or on this computer itself.',
  },
  working: { ja: '確かめています', en: 'Checking' },
  who: { ja: 'だれ', en: 'Who' },
  where: { ja: 'どこ', en: 'Where' },
  when: { ja: 'いつ', en: 'When' },
  why: { ja: 'なぜ', en: 'Why' },
  details: { ja: 'くわしく（専門的な説明）', en: 'Details (for specialists)' },
  simulated: { ja: '◇ 模擬', en: '◇ simulated' },
  redacted: { ja: 'カードの証明書と署名を除いた形です。カードについては記録を預かる機関の判定によります。', en: 'Redacted: without the card’s certificate and signature. The platform’s verdict speaks for the card.' },
  allPassed: { ja: 'すべての確認が通りました。', en: 'Every check passed.' },
  empty: { ja: 'この記録に受診は入っていません。', en: 'This bundle holds no visit.' },
  malformed: { ja: '記録の形が正しくありません。途中で変わったか、記録ではありません。', en: 'Not a well-formed bundle: changed on its way, or something else.' },
};

/** Mark, word and style of a status, by its number. @type {({ mark: string, style: string } & Record<Lang, string>)[]} */
export const STATUSES = [
  { mark: '✓', style: 'good', ja: '確認ずみ', en: 'Confirmed' },
  { mark: '…', style: 'wait', ja: 'まだ終わりの時刻が決まっていません', en: 'The latest possible time is not settled yet' },
  { mark: '…', style: 'wait', ja: '確認待ち', en: 'Waiting for confirmation' },
  { mark: '×', style: 'bad', ja: '確認できませんでした', en: 'Could not be confirmed' },
  { mark: '!', style: 'bad', ja: '記録が二つあります', en: 'Two records contradict each other' },
];

/** How the holder was checked, by method. @type {Record<number, Record<Lang, string>>} */
export const HOLDER_CHECKS = {
  1: { ja: '暗証番号', en: 'PIN' },
  2: { ja: '顔（機械）', en: 'face, by machine' },
  3: { ja: '目視', en: 'face, by eye' },
  4: { ja: 'スマホの生体認証', en: 'biometrics of a phone' },
};

/** @type {Record<number, Record<Lang, string>>} */
export const REASONS = {
  1: { ja: '決められたただ一つの書き方になっていません', en: 'not in the one encoding' },
  2: { ja: '端末の部品に有効な証明書がないか、受診より前に失効または期限切れです', en: 'the element has no valid certificate, or it was revoked or out of date before the visit' },
  3: { ja: 'その番号は停止または廃止された後のものです', en: 'the counter value is void: the terminal was suspended or retired' },
  4: { ja: '端末と医療機関の結び付けがないか、使えないか、合いません', en: 'the binding to the institution is missing, not in use, or does not fit' },
  5: { ja: 'オンラインの使用開始がないか、時刻の証拠と合いません', en: 'the online unlock is missing, or its proofs of time do not fit' },
  6: { ja: '管理者による使用開始、またはその証明書に問題があります', en: 'the administrator’s unlock or certificate does not hold' },
  7: { ja: '受付の記録が、使用開始・端末・医療機関と合いません', en: 'the presence does not belong to the unlock, the element or the binding' },
  8: { ja: '完了の記録が受付の記録と合いません', en: 'the commit does not fit the presence' },
  9: { ja: 'カードの署名、またはその証明書が正しくありません', en: 'the card’s signature or its issuer does not hold' },
  10: { ja: 'カードは受診のときに失効していたか、有効期間の外でした', en: 'the card was revoked, expired or not yet valid at the visit' },
  11: { ja: 'その時間のカードまたは端末の状態が、まだわかりません', en: 'the status of card or element over that time is not known yet' },
  12: { ja: '一つの番号に二つの記録があります', en: 'two records under one counter value' },
  13: { ja: '隣の記録が説明なしに欠けています', en: 'a neighbouring record is missing without explanation' },
  14: { ja: '時刻の証拠どうしが矛盾しています', en: 'proofs of time contradict each other' },
  15: { ja: '確かめる側の方針により、時刻の確かさを下げています', en: 'the verifier’s policy caps how exact the time counts' },
};

/** What each check is about, V1 to V12. @type {Record<Lang, string>[]} */
export const CHECKS = [
  { ja: '書き方', en: 'encoding' }, { ja: '端末の部品', en: 'element' }, { ja: '結び付け', en: 'binding' }, { ja: '使用開始', en: 'unlock' },
  { ja: '受付', en: 'presence' }, { ja: '完了', en: 'commit' }, { ja: 'カード', en: 'card' }, { ja: 'カードの状態', en: 'card status' },
  { ja: '前後のつながり', en: 'chain' }, { ja: '時間の範囲', en: 'window' }, { ja: '時刻の確かさ', en: 'class' }, { ja: '判定', en: 'status' },
];

/** @type {Record<string, Record<Lang, string>>} */
export const OUTCOMES = {
  passed: { ja: '✓ 通過', en: '✓ passed' },
  lacking: { ja: '… 不足', en: '… lacking' },
  failed: { ja: '× 不一致', en: '× failed' },
  none: { ja: '－ 対象外', en: '– not reached' },
};

/** Language of the page. @returns {Lang} */
export function pageLang() {
  return document.documentElement.lang.startsWith('en') ? 'en' : 'ja';
}
