// `/counter/`: one window is used, four others (two languages, two widths) must follow by themselves.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { back, checkIn, choose, givePin, remove, tap } from "./desk.mjs";
import { judge } from "./judge.mjs";

export function counter(shared) {
  describe("the counter", { timeout: 180_000 }, () => {
    let demo, desk, watchers;
    before(async () => {
      demo = await startDemo();
      [desk, ...watchers] = await Promise.all([VIEWS[0], ...VIEWS].map((view) => open(shared.browser, demo.base, "/counter/", view)));
    });
    after(async () => {
      await close(desk, ...watchers);
      await demo.stop();
    });

    const everywhere = async (state, name = state) => {
      for (const page of watchers) {
        await shows(page, state);
        await judge(page, state, name);
      }
    };

    test("waits for a card", async () => {
      await back(desk);
      await everywhere("ready");
    });

    test("asks how the person was checked, and for the PIN", async () => {
      await tap(desk, "P1");
      await everywhere("verify-holder");
      await choose(desk, "pin");
      await Promise.all(watchers.map((page) => page.getByText(/あと 3 回|3 tries left/).waitFor()));
      await everywhere("pin");
    });

    test("says how many tries are left after a wrong PIN", async () => {
      await givePin(desk, "0000");
      await Promise.all(watchers.map((page) => page.getByText(/あと 2 回|2 tries left/).waitFor()));
      await everywhere("pin", "pin-wrong");
    });

    test("shows chart, name and what to do next for a patient it knows", async () => {
      await givePin(desk, "1234");
      await everywhere("known");
      for (const page of watchers) {
        assert.equal(await page.locator(".chart").innerText(), "10432");
        assert.match(await page.locator(".name").innerText(), /髙橋 渚\u{E0101}/u, "the name keeps its variation selector");
      }
    });

    test("says that the card moved too early", async () => {
      await tap(desk, "P1");
      await shows(desk, "verify-holder");
      await remove(desk);
      await everywhere("pulled");
    });

    test("says which cards it cannot take, and that care goes on", async () => {
      await tap(desk, "バス");
      await everywhere("wrong-card");
      await tap(desk, "P5");
      await everywhere("card-expired");
      await checkIn(desk, "P6");
      await everywhere("revoked");
    });

    test("takes a new patient's chart number, and then knows her", async () => {
      await checkIn(desk, "P4", "eye");
      await everywhere("new");
      await shows(desk, "new");
      assert.equal(await desk.evaluate(() => document.activeElement.id), "number");
      await desk.fill("#number", "10801");
      await desk.fill("#name", "鈴木 一郎");
      await desk.fill("#kana", "スズキ イチロウ");
      await desk.click("button.main");
      await Promise.all(watchers.map((page) => shows(page, "known")));
      assert.equal(await watchers[1].locator(".chart").innerText(), "10801");
    });

    test("shows while it reads", async () => {
      // Reading takes milliseconds; a window that does not follow keeps the moment in which it was opened.
      for (const view of VIEWS) {
        const still = await open(shared.browser, demo.base, "/counter/help", view);
        await still.route("**/live.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
        let caught = false;
        for (let attempt = 0; attempt < 40 && !caught; attempt += 1) {
          await checkIn(desk, "P1");
          await still.goto(`${demo.base}/counter/`);
          caught = (await still.getAttribute("main", "data-state")) === "reading";
          if (caught) await judge(still, "reading");
          await shows(desk, "known");
        }
        assert.ok(caught, "no window was opened while a card was read");
        await close(still);
      }
    });

    test("lists the day, and helps", async () => {
      for (const page of watchers) {
        await page.click("[data-key=F2]");
        await judge(page, "today");
        await page.click("[data-key=Escape]");
        await page.click("[data-key=F8]");
        await judge(page, "help");
        await page.click("[data-key=Escape]");
      }
    });

    test("offers another check when a PIN is blocked", async () => {
      await checkIn(desk, "P2", "pin");
      for (const left of [2, 1]) {
        await desk.getByText(`あと ${left + 1} 回`).waitFor();
        await givePin(desk, "0000");
        await desk.getByText(`あと ${left} 回`).waitFor();
      }
      await givePin(desk, "0000");
      await everywhere("card-locked");
      await choose(desk, "face");
      await Promise.all(watchers.map((page) => shows(page, "known")));
    });
  });
}
