// `/operator/`: every terminal on one screen, one terminal's life, and what can be done.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { judge } from "./judge.mjs";

export function operator(shared) {
  describe("the operator's pages", { timeout: 180_000 }, () => {
    let demo;
    before(async () => { demo = await startDemo(); });
    after(() => demo.stop());

    const first = (page, state) => page.click(`.terminals .${state} a`);
    /** Opens the list once the desk that is in use has been heard of: its background work sends what is left. */
    const list = async (view) => {
      const page = await open(shared.browser, demo.base, "/operator/", view);
      while ((await page.locator(".terminals .in-use").count()) === 0) await page.reload();
      return page;
    };

    test("list every terminal, those that ask for a person first", async () => {
      for (const view of VIEWS) {
        const page = await list(view);
        await judge(page, "alarms");
        const states = await page.locator(".terminals > li").evaluateAll((rows) => rows.map((row) => row.className));
        assert.deepEqual(states, ["card suspended", "card suspended", "card in-use"]);
        await first(page, "suspended");
        await judge(page, "suspended");
        assert.ok(await page.getByText(/G3|R03/).first().isVisible(), "why it was stopped");
        await page.goto(`${demo.base}/operator/`);
        await first(page, "in-use");
        await judge(page, "in-use");
        await close(page);
      }
    });

    test("name no patient", async () => {
      const page = await open(shared.browser, demo.base, "/operator/", VIEWS[0]);
      const pages = await page.locator(".terminals a").evaluateAll((links) => links.map((link) => link.href));
      for (const address of [`${demo.base}/operator/`, ...pages]) {
        await page.goto(address);
        assert.match(address, /\/operator\/(terminals\/[a-z2-7]{26})?$/);
        const text = await page.evaluate(() => document.documentElement.outerHTML);
        assert.doesNotMatch(text, /ハナコ|髙橋|10432|10518|10777|P[123]\b/u);
      }
      await close(page);
    });

    test("say what went wrong, and change nothing then", async () => {
      for (const view of VIEWS) {
        const page = await list(view);
        await first(page, "in-use");
        await page.fill("form[action$=stolen] [name=from]", "4711");
        await page.click("form[action$=stolen] button");
        await judge(page, "sorry");
        await page.click('a[href="/operator/"]');
        await shows(page, "alarms");
        assert.equal(await page.locator(".terminals .in-use").count(), 1);
        await close(page);
      }
    });

    test("a report stops a terminal at once, and it can be put back", async () => {
      const page = await list(VIEWS[0]);
      await first(page, "in-use");
      await page.fill("form[action$=stolen] [name=why]", "left in a taxi");
      await page.click("form[action$=stolen] button");
      await shows(page, "suspended");
      assert.ok(await page.getByText("left in a taxi").first().isVisible());
      await page.click("form[action$=found] button");
      await page.waitForSelector("main:not([data-state=suspended])");
      await close(page);
    });

    test("a form on another site does nothing", async () => {
      const page = await open(shared.browser, demo.base, "/operator/", VIEWS[0]);
      const path = await page.locator(".terminals a").first().getAttribute("href");
      const answer = await fetch(`${demo.base}${path}/retire`, {
        method: "POST", redirect: "manual", headers: { origin: "http://elsewhere.example", "content-type": "application/x-www-form-urlencoded" }, body: "why=",
      });
      assert.equal(answer.status, 403);
      await close(page);
    });
  });
}
