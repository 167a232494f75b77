// `/counter/` while the network, the reader and the power go and come back. The browser stays connected to
// the terminal all the time: the pages come from there, and must follow by themselves.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { back, checkIn } from "./desk.mjs";
import { judge } from "./judge.mjs";
import { turn } from "./switches.mjs";

export function offline(shared) {
  describe("the counter without network", { timeout: 240_000 }, () => {
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

    const everywhere = async (state, name = state) => {
      for (const page of watchers) {
        await shows(page, state);
        await judge(page, state, name);
      }
    };
    /** A page that is loaded again forgets this. */
    const mark = (page) => page.evaluate(() => { window.neverReloaded = true; });
    const stands = async (page) => assert.ok(await page.evaluate(() => window.neverReloaded), `${page.view.name} was loaded again`);
    const band = (page) => page.locator(".band").innerText();
    const name = async (number) => {
      await desk.fill("#number", number);
      await desk.click(".named button");
    };

    test("a cut line shows while nobody touches the page, and nothing greys out", async () => {
      for (const page of watchers) assert.match(await band(page), /● オンライン|● Online/);
      await Promise.all(watchers.map(mark));
      await turn(start, "T1", "network", "off");
      await everywhere("ready-offline");
      for (const page of watchers) {
        assert.match(await band(page), /▲ 通信なし（受付できます）[^]*起動のときは通信あり[^]*残り \d+ 人|▲ No network \(check-in works\)[^]*was online at the start[^]*\d+ check-ins left/u);
        assert.match(await page.locator("[data-key=F2]").innerText(), /紙の一覧|Outage list/);
        assert.equal(await page.locator("[disabled], [aria-disabled=true]").count(), 0);
      }
    });

    test("check-in goes on: provisional, with a number for the list", async () => {
      await checkIn(desk, "P1");
      await everywhere("new-provisional");
      await name("99999");
      await desk.getByText("この番号の診察券はありません：99999").waitFor();
      await name("10432");
      await everywhere("known-provisional");
      assert.match(await watchers[0].locator(".name").innerText(), /髙橋 渚\u{E0101}/u);
      await checkIn(desk, "P6", "eye");
      await shows(desk, "new-provisional");
      await checkIn(desk, "P3", "eye");
      await Promise.all(watchers.map((page) => page.getByText("K-003").first().waitFor()));
    });

    test("the outage list fits one sheet of A4 and prints no name", async () => {
      for (const page of watchers) {
        await page.click("[data-key=F2]");
        await judge(page, "print");
        const text = await page.locator("main").innerText();
        assert.match(text, /K-001[^]*10432[^]*K-002[^]*K-003/u);
        assert.match(text, /手元の時計|By this clock/);
        assert.doesNotMatch(text, /髙橋|タカハシ|田中/u);
        assert.equal(await page.locator("tr:nth-child(1) td.ruled").count(), 4);
      }
      const sheet = await watchers[0].pdf({ path: new URL("../target/screens/outage-list.pdf", import.meta.url).pathname, preferCSSPageSize: true });
      const pages = sheet.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g);
      assert.equal(pages.length, 1, "one sheet");
      assert.match(sheet.toString("latin1"), /\/MediaBox\s*\[\s*0 0 59[45][.\d]* 84[12][.\d]*\s*\]/, "A4, upright");
      for (const page of watchers) {
        await page.click("[data-key=Escape]");
        await shows(page, "new-provisional");
      }
    });

    test("the list of the day says which are provisional", async () => {
      const page = await open(shared.browser, demo.base, "/counter/today", VIEWS[0]);
      assert.deepEqual(await page.locator("tbody tr .wait").allInnerTexts(), Array(3).fill("… 仮受付"));
      await close(page);
    });

    test("when the network is back the confirmations arrive by themselves", async () => {
      const list = await open(shared.browser, demo.base, "/counter/today", VIEWS[0]);
      await Promise.all([...watchers, list].map(mark));
      await turn(start, "T1", "network", "on");
      for (const page of watchers) {
        await shows(page, "known");
        assert.equal(await page.locator(".chart").innerText(), "10777", "the answer for the last visit, not for an earlier one");
        await page.getByText(/● オンライン|● Online/).waitFor();
      }
      await list.waitForFunction(() => document.querySelectorAll("tbody .wait").length === 0);
      assert.match(await list.locator("tbody").innerText(), /10432[^]*✓ 確認ずみ[^]*! 要確認[^]*10777[^]*✓ 確認ずみ/u);
      await Promise.all([...watchers, list].map(stands));
      await close(list);
    });

    test("a card that leads to another chart than was named is said aloud", async () => {
      await turn(start, "T1", "network", "off");
      await back(desk);
      await shows(desk, "ready-offline");
      await checkIn(desk, "P2", "eye");
      await shows(desk, "new-provisional");
      await name("10432");
      await shows(desk, "known-provisional");
      await turn(start, "T1", "network", "on");
      await everywhere("other-family");
      assert.equal(await watchers[0].locator(".chart").innerText(), "10518");
      await back(desk);
      await shows(desk, "ready");
    });

    test("a reader that is pulled and put back", async () => {
      await turn(start, "T1", "reader", "off");
      await everywhere("reader-lost");
      await turn(start, "T1", "reader", "on");
      await Promise.all(watchers.map((page) => shows(page, "ready")));
    });

    test("power off and on: it starts by itself, with network", async () => {
      await turn(start, "T1", "power", "off");
      await everywhere("starting");
      await turn(start, "T1", "power", "on");
      await Promise.all(watchers.map((page) => shows(page, "ready")));
    });

    test("power off and on without network: an administrator is asked for", async () => {
      await turn(start, "T1", "network", "off");
      await turn(start, "T1", "power", "off");
      await turn(start, "T1", "power", "on");
      await everywhere("locked");
      await desk.keyboard.press("Enter");
      await shows(desk, "unlock");
      await turn(start, "T1", "network", "on");
      await Promise.all([desk, ...watchers].map((page) => shows(page, "ready")));
    });

    test("a terminal that was reported stolen says that it is out of use", async () => {
      for (const view of VIEWS) {
        const page = await open(shared.browser, demo.base, "/counter/?desk=T2", view);
        await judge(page, "suspended");
        await close(page);
      }
    });
  });
}
