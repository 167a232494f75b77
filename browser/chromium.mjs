// Debian's Chromium, and pages that are watched while they are open.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--force-color-profile=srgb", "--font-render-hinting=none",
];

/** The four ways in which every state is looked at. */
export const VIEWS = ["ja", "en"].flatMap((lang) => [1280, 390].map((width) => ({ lang, width, name: `${lang}-${width}` })));

/** Starts the browser. */
export function launch() {
  const root = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [...ARGUMENTS, ...root],
  });
}

/** Opens a page in a context of its own (own cookies), under watch. */
export async function open(browser, base, path, view, options = {}) {
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.width === 390 ? 844 : 800 },
    locale: view.lang === "ja" ? "ja-JP" : "en-GB",
    timezoneId: "Asia/Tokyo",
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.view = view;
  page.troubles = [];
  watch(page, base);
  await page.goto(base + path);
  return page;
}

/** A page that refuses says so by its status too, which the console repeats. */
const REFUSED = /status of (404|422)/;

/** Whatever must not happen on any page. */
function watch(page, base) {
  const trouble = (text) => page.troubles.push(text);
  page.on("console", (message) => {
    const text = message.text();
    if (text.includes("Content Security Policy") || (message.type() === "error" && !REFUSED.test(text))) trouble(`console: ${text}`);
  });
  page.on("pageerror", (error) => trouble(`script: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`)) trouble(`outside: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && response.request().resourceType() !== "document") trouble(`${response.status()} ${response.url()}`);
  });
}

/** Fails on whatever the watch saw, and closes the page with its context. */
export async function close(...pages) {
  const troubles = pages.flatMap((page) => page.troubles.map((text) => `${page.view.name}: ${text}`));
  await Promise.all(pages.map((page) => page.context().close()));
  assert.deepEqual(troubles, []);
}

/** Waits until the page shows this state, by whatever way it gets there. */
export async function shows(page, state) {
  await page.waitForSelector(`main[data-state="${state}"]`);
}
