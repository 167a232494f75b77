// A terminal is reported stolen while it is offline: what it did afterwards is refused when it comes back.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { back, checkIn } from "./desk.mjs";
import { judge } from "./judge.mjs";
import { signIn } from "./me.mjs";
import { turn } from "./switches.mjs";

export function theft(shared) {
  describe("a stolen terminal", { timeout: 240_000 }, () => {
    let demo, start, desk, operator;
    before(async () => {
      demo = await startDemo();
      start = await open(shared.browser, demo.base, "/", VIEWS[0]);
      desk = await open(shared.browser, demo.base, "/counter/", VIEWS[0]);
      operator = await open(shared.browser, demo.base, "/operator/", VIEWS[0]);
      await back(desk);
      await shows(desk, "ready");
    });
    after(async () => {
      await close(start, desk, operator);
      await demo.stop();
    });

    const inEveryView = async (path, work) => {
      for (const view of VIEWS) {
        const page = await open(shared.browser, demo.base, path, view);
        await work(page);
        await close(page);
      }
    };

    test("what it did after the theft could not be confirmed: the list says so, and what to say by phone", async () => {
      // Whatever comes from now on is the thief's, beginning with P1's check-in.
      while ((await operator.locator(".terminals .in-use").count()) === 0) await operator.reload();
      await operator.click(".terminals .in-use a");
      const [, first] = (await operator.locator("form[action$=stolen]").innerText()).match(/空なら (\d+)/);
      await checkIn(desk, "P1");
      await shows(desk, "known");
      await turn(start, "T1", "network", "off");
      await checkIn(desk, "P2");
      await shows(desk, "new-provisional");
      await operator.fill("form[action$=stolen] [name=from]", first);
      await operator.click("form[action$=stolen] button");
      await shows(operator, "suspended");
      await turn(start, "T1", "network", "on");
      await shows(desk, "rejected-later");
      await inEveryView("/counter/", async (page) => {
        await judge(page, "rejected-later", "rejected-result");
        await page.getByText(/仮受付が確認できませんでした 1 件|could not be confirmed: 1/u).click();
        await judge(page, "rejected-later");
        assert.match(await page.locator("tbody tr").last().innerText(), /K-001[^]*(もう一度カードを置いてください|place the card again)/u);
      });
    });

    test("the next start is refused", async () => {
      await turn(start, "T1", "power", "off");
      await turn(start, "T1", "power", "on");
      await shows(desk, "suspended");
      assert.match(await desk.locator("main").innerText(), /診療は続けられます。運用窓口/u);
    });

    test("the patient reads that it could not be confirmed, and whom to ask", () => inEveryView("/me/", async (page) => {
      await signIn(page, "P1");
      await page.locator(".visits a", { hasText: /確認できませんでした|not be confirmed/i }).first().click();
      await judge(page, "rejected");
    }));
  });
}
