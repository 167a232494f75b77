// `/` and `/simulated`.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { judge } from "./judge.mjs";

export function day(shared) {
  describe("the start page", { timeout: 180_000 }, () => {
    let demo;
    before(async () => { demo = await startDemo(); });
    after(() => demo.stop());

    test("shows the day as a picture, and what is simulated", async () => {
      for (const view of VIEWS) {
        const page = await open(shared.browser, demo.base, "/", view);
        await judge(page, "day");
        assert.equal(await page.locator(".day > a").count(), 4);
        assert.equal(await page.locator(".bad").count(), 0, "an attack was missed");
        await page.click('a.button[href="/simulated"]');
        await judge(page, "simulated");
        await close(page);
      }
    });

    test("keeps the language that was chosen, on every page", async () => {
      const page = await open(shared.browser, demo.base, "/", VIEWS[0]);
      await page.click("header a[hreflang=en]");
      await page.goto(`${demo.base}/counter/`);
      assert.equal(await page.getAttribute("html", "lang"), "en");
      await page.goto(`${demo.base}/me/`);
      assert.equal(await page.getAttribute("html", "lang"), "en");
      await close(page);
    });
  });
}
