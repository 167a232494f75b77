// Without script, at 200 % zoom, on a narrow screen, on paper.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { choose, tap } from "./desk.mjs";
import { signIn } from "./me.mjs";

export function plain(shared) {
  describe("without what not everybody has", { timeout: 180_000 }, () => {
    let demo;
    before(async () => { demo = await startDemo(); });
    after(() => demo.stop());

    test("without script a check-in and the list work, with a link to reload", async () => {
      const page = await open(shared.browser, demo.base, "/counter/", VIEWS[0], { javaScriptEnabled: false });
      const until = async (state) => {
        while ((await page.getAttribute("main", "data-state")) !== state) {
          await page.locator(".reload a").click();
          await page.waitForLoadState();
        }
      };
      await tap(page, "P1");
      await until("verify-holder");
      await choose(page, "face");
      await until("known");
      await close(page);

      const patient = await open(shared.browser, demo.base, "/me/", VIEWS[1], { javaScriptEnabled: false });
      await signIn(patient, "P1");
      await shows(patient, "list");
      assert.ok(await patient.locator(".reload a").isVisible());
      await close(patient);
    });

    test("at 200 % zoom and at 320 px nothing is cut off", async () => {
      const narrow = { width: 320, height: 640 };
      for (const [path, viewport, deviceScaleFactor] of ["/", "/simulated", "/counter/", "/counter/today", "/counter/help", "/me/"]
        .flatMap((path) => [[path, { width: 640, height: 400 }, 2], [path, narrow, 1]])) {
        const page = await open(shared.browser, demo.base, path, VIEWS[0], { viewport, deviceScaleFactor });
        const cut = await page.evaluate(() => {
          const beyond = [...document.querySelectorAll("body *:not(.unseen, .skip, .unseen *, thead, thead *, svg *)")]
            .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth + 1);
          return beyond.map((element) => element.outerHTML.slice(0, 100));
        });
        assert.deepEqual(cut, [], `${path} at ${viewport.width} px`);
        await close(page);
      }
    });

    test("paper carries the list, not the buttons", async () => {
      const page = await open(shared.browser, demo.base, "/counter/today", VIEWS[0]);
      await page.emulateMedia({ media: "print" });
      assert.ok(await page.locator("tbody tr").first().isVisible());
      assert.equal(await page.locator(".keys").isVisible(), false);
      await close(page);
    });

    test("forced colours keep every border", async () => {
      const page = await open(shared.browser, demo.base, "/counter/", VIEWS[0], { forcedColors: "active" });
      const width = await page.locator(".keys .button").first().evaluate((button) => getComputedStyle(button).borderTopWidth);
      assert.equal(width, "2px");
      await close(page);
    });
  });
}
