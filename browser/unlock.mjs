// `/counter/unlock`: what is agreed to, the card, the PIN, and every refusal; then a day on the card's quota.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { back } from "./desk.mjs";
import { judge } from "./judge.mjs";
import { turn } from "./switches.mjs";

export function unlock(shared) {
  describe("the administrator's unlock", { timeout: 420_000 }, () => {
    let demo, start, page;
    before(async () => {
      demo = await startDemo();
      start = await open(shared.browser, demo.base, "/", VIEWS[0]);
      page = await open(shared.browser, demo.base, "/counter/", VIEWS[0]);
      await dark();
    });
    after(async () => {
      await close(start, page);
      await demo.stop();
    });

    /** Switched on without network. */
    const dark = async () => {
      await turn(start, "T1", "network", "off");
      await turn(start, "T1", "power", "off");
      await turn(start, "T1", "power", "on");
      await page.goto(`${demo.base}/counter/`);
      await shows(page, "locked");
    };
    /** With network for a moment, which counts as an unlock of its own. */
    const light = async () => {
      await turn(start, "T1", "network", "on");
      await shows(page, "ready");
    };
    const place = (page, card) => page.click(`.pretend button[value^="${card}"]`);
    const type = async (page, pin) => {
      await page.fill("#pin", pin);
      await page.keyboard.press("Enter");
    };
    const inEveryView = async (work) => {
      for (const view of VIEWS) {
        const page = await open(shared.browser, demo.base, "/counter/unlock", view);
        await work(page);
        await close(page);
      }
    };

    test("shows all that is agreed to before a card is asked for", () => inEveryView(async (page) => {
      await judge(page, "unlock");
      const text = await page.locator(".unlock").innerText();
      assert.match(text, /さくら内科[^]*300[^]*2613200019[^]*24/u);
      assert.match(text, /確かめられた時刻ではありません|not a proven time/);
      assert.equal(await page.locator("#pin").count(), 0, "no PIN before a card");
      assert.ok(parseFloat(await page.locator(".unlock .large").evaluate((large) => getComputedStyle(large).fontSize)) >= 32);
      await place(page, "HA1");
      await judge(page, "unlock-pin");
      assert.equal(await page.evaluate(() => document.activeElement.id), "pin");
    }));

    test("says how many tries are left after a wrong PIN", async () => {
      await inEveryView(async (page) => {
        await place(page, "HA1");
        await type(page, "0000");
        await page.getByRole("alert").getByText(/あと \d 回|Tries left: \d/).waitFor();
        await judge(page, "unlock-wrong-pin");
        await page.reload();
        await shows(page, "unlock-wrong-pin");
        // The right one sets the card's counter back; the terminal is put in the dark again.
        await type(page, PIN);
        await shows(page, "ready-offline");
        await light();
        await dark();
      });
    });
  });
}
const PIN = "1234";
