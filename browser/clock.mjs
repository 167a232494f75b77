// What the counter says of time: when it is due to be checked again, and when it cannot be.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { back, checkIn } from "./desk.mjs";
import { judge } from "./judge.mjs";
import { hour, stampers, turn } from "./switches.mjs";

export function clock(shared) {
  describe("the counter and the time", { timeout: 240_000 }, () => {
    let demo, start, desk, watchers;
    before(async () => {
      demo = await startDemo();
      start = await open(shared.browser, demo.base, "/", VIEWS[0]);
      [desk, ...watchers] = await Promise.all([VIEWS[0], ...VIEWS].map((view) => open(shared.browser, demo.base, "/counter/", view)));
      await back(desk);
      await shows(desk, "ready");
    });
    after(async () => {
      await close(start, desk, ...watchers);
      await demo.stop();
    });

    const say = (words) => Promise.all(watchers.map((page) => page.locator(".notice").getByText(words).waitFor()));
    const silent = () => Promise.all(watchers.map((page) => page.waitForFunction(() => !document.querySelector(".notice"))));
    const everywhere = async (state, name) => {
      for (const page of watchers) {
        await shows(page, state);
        await judge(page, state, name);
      }
    };

    test("without time stamps it warns after an hour, and check-in goes on", async () => {
      await stampers(start, "off");
      // Whatever still counts from the last stamp runs out; then one is tried for, and is missed.
      await hour(start);
      await hour(start);
      await say(/時刻の確認が \d 時間 \d+ 分できていません。受付は続けられます|could not be checked for \d h \d+ min\. Check-in goes on/u);
      await everywhere("ready", "time-missing");
      await checkIn(desk, "P1");
      await Promise.all(watchers.map((page) => shows(page, "known")));
    });

    test("after four hours a check-in is shown as provisional, and still is taken", async () => {
      await back(desk);
      for (let passed = 0; passed < 3; passed += 1) await hour(start);
      await say(/仮受付としてしめします|shown as provisional/u);
      await checkIn(desk, "P1");
      await everywhere("known-provisional", "time-missing-long");
      assert.match(await watchers[0].locator(".word").innerText(), /仮受付/);
      assert.match(await watchers[0].locator(".next").innerText(), /時刻は、確かめられるようになると/u);
    });

    test("with the next time stamp all is as before", async () => {
      await stampers(start, "on");
      await hour(start); // it tries again after a pause
      await silent();
      await Promise.all(watchers.map((page) => shows(page, "known")));
      await back(desk);
      await shows(desk, "ready");
    });

    test("without network it says when the time is due to be checked again, and does so by itself", async () => {
      await turn(start, "T1", "network", "off");
      await Promise.all(watchers.map((page) => page.getByText(/確認できる幅 約 \d+ 秒|time provable to about \d+ s/u).first().waitFor()));
      for (let passed = 0; passed < 6; passed += 1) await hour(start); // past midnight
      await say(/時刻を確かめ直すころです。通信が戻ると自動で行います|due to be checked again: by itself when the network returns/u);
      await everywhere("ready-offline", "re-anchor-due");
      await turn(start, "T1", "network", "on");
      await silent();
      await Promise.all(watchers.map((page) => shows(page, "ready")));
    });
  });
}
