// What every page must be, in every state, language and width.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENS = fileURLToPath(new URL("../target/screens/", import.meta.url));
mkdirSync(SCREENS, { recursive: true });

/** Words that patients and receptionists are not bothered with. */
const JARGON = {
  ja: /証明書|署名|検証|ハッシュ|トークン|鍵|ログ|エビデンス|セキュアエレメント|失効|アサーション/u,
  en: /\b(?:certificates?|signatures?|hash(?:es)?|tokens?|keys?|elements?)\b/iu,
};

/** Smallest type and lowest target of each kind of page, in CSS pixels. */
const SIZES = { counter: { type: 24, target: 48 }, patient: { type: 20, target: 56 }, plain: { type: 20, target: 48 } };

/** Screenshots taken so far: what was seen, where, in which picture. */
export const seen = [];

/** Judges the page as it stands, and keeps a screenshot under `name` (the state, if nothing else is said). */
export async function judge(page, expected, name = expected) {
  const { state, lang, party, path } = await page.evaluate(() => ({
    state: document.querySelector("main").dataset.state,
    lang: document.documentElement.lang,
    party: document.body.className,
    path: location.pathname,
  }));
  const where = `${path} ${name} ${page.view.name}`;
  assert.equal(state, expected, where);
  assert.equal(lang, page.view.lang, `${where}: language`);

  const place = path === "/verify" ? "verify" : path.startsWith("/operator/") ? "operator" : party === "plain" ? "day" : party === "counter" ? "counter" : "me";
  const picture = `${place}-${name}-${page.view.name}.png`;
  await page.screenshot({ path: SCREENS + picture, fullPage: true });
  seen.push({ place, state, name, path, view: page.view.name, picture });

  assert.deepEqual(await accessibility(page), [], `${where}: axe`);
  assert.deepEqual(await layout(page, SIZES[party]), [], `${where}: layout`);
  if (party !== "plain") assert.deepEqual(await jargon(page, lang), [], `${where}: words`);
  assert.deepEqual(page.troubles, [], `${where}: browser`);
}

/** Violations of WCAG 2.2 AA, of contrast 7:1 and of target size, as axe sees them. */
export async function accessibility(page) {
  await page.evaluate(`${axe};0`);
  return page.evaluate(async () => {
    const { violations } = await axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "color-contrast-enhanced": { enabled: true }, "target-size": { enabled: true } },
    });
    return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 160)}`));
  });
}

/** What sticks out, is too small to read, or too small to hit. */
export function layout(page, { type, target }) {
  return page.evaluate(({ type, target }) => {
    const faults = [];
    if (document.documentElement.scrollWidth > innerWidth) faults.push(`${document.documentElement.scrollWidth} px wide`);
    const visible = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".unseen, .skip, svg");
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !visible(element) || element.closest("noscript, script")) continue;
      const smallest = element.closest("rt") ? 16 : type;
      const size = parseFloat(getComputedStyle(element).fontSize);
      if (size < smallest) faults.push(`${size} px type: ${texts.currentNode.data.trim().slice(0, 40)}`);
    }
    for (const element of document.querySelectorAll("a, button, summary, input:not([type=hidden])")) {
      const hit = element.closest("label") ?? element;
      if (!visible(element)) continue;
      const { height, width, left, right } = hit.getBoundingClientRect();
      if (height < target - 0.5 || width < target - 0.5) faults.push(`${Math.round(width)}×${Math.round(height)} px target: ${element.outerHTML.slice(0, 100)}`);
      if (left < 0 || right > innerWidth) faults.push(`cut off: ${element.outerHTML.slice(0, 100)}`);
    }
    return faults;
  }, { type, target });
}

/** Jargon outside the fold for experts, in text, titles and labels. */
async function jargon(page, lang) {
  const text = await page.evaluate(() => {
    const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll("script, details").forEach((element) => element.remove());
    const labels = [...copy.querySelectorAll("[aria-label], [title], [placeholder]")];
    const said = labels.flatMap((element) => ["aria-label", "title", "placeholder"].map((name) => element.getAttribute(name) ?? ""));
    return [copy.textContent, ...said].join("\n");
  });
  // The name that is printed on the administrator's card: it is refused in the words she knows it by.
  const words = text.replaceAll("署名用", "");
  const found = [words.match(JARGON.ja), lang === "en" ? words.match(JARGON.en) : null];
  return found.filter(Boolean).map((match) => match[0]);
}
