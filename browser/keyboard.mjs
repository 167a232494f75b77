// Everything without a pointer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { tap } from "./desk.mjs";

export function keyboard(shared) {
  describe("the keyboard", { timeout: 180_000 }, () => {
    let demo, page;
    before(async () => {
      demo = await startDemo();
      page = await open(shared.browser, demo.base, "/counter/", VIEWS[0]);
    });
    after(async () => {
      await close(page);
      await demo.stop();
    });
    const press = (key) => page.keyboard.press(key);

    test("F2 lists, F4 and F8 help, Esc goes back", async () => {
      for (const [key, state] of [["F2", "today"], ["F4", "help"], ["F8", "help"]]) {
        await press(key);
        await shows(page, state);
        await press("Escape");
        await page.waitForURL(`${demo.base}/counter/`);
      }
      await press("Escape");
      await shows(page, "ready");
    });

    test("a whole check-in, with the digit of the check", async () => {
      await page.focus("[name=card][value=P1]");
      await press("Enter");
      await shows(page, "verify-holder");
      await press("2");
      await shows(page, "pin");
      await page.waitForFunction(() => document.activeElement.id === "pin");
      await page.keyboard.type("1234");
      await press("Enter");
      await shows(page, "known");
      await press("Escape");
      await shows(page, "ready");
    });

    test("Enter takes the main choice, and Esc gives up", async () => {
      await tap(page, "P1");
      await shows(page, "verify-holder");
      await press("Escape");
      await shows(page, "ready");
      await tap(page, "P1");
      await shows(page, "verify-holder");
      await press("Enter");
      await page.waitForSelector("main[data-state=known], main[data-state=pin]");
      if ((await page.getAttribute("main", "data-state")) === "pin") {
        await page.keyboard.type("1234");
        await press("Enter");
      }
      await shows(page, "known");
    });

    test("F5 may always be pressed: nothing is sent twice", async () => {
      const rows = async () => {
        const list = await page.context().newPage();
        await list.goto(`${demo.base}/counter/today`);
        const count = await list.locator("tbody tr").count();
        await list.close();
        return count;
      };
      const before = await rows();
      await page.reload();
      await shows(page, "known");
      assert.equal(await rows(), before);
    });

    test("Tab reaches everything, and what has the focus is outlined", async () => {
      for (const path of ["/", "/counter/", "/me/"]) {
        const walker = await open(shared.browser, demo.base, path, VIEWS[1]);
        const all = await walker.locator("a, button, summary, input:not([type=hidden]):not([type=radio]), input:checked").count();
        const reached = new Set();
        for (let stop = 0; stop < all; stop += 1) {
          await walker.keyboard.press("Tab");
          const { mark, outline, visible } = await walker.evaluate(() => {
            const element = document.activeElement;
            const style = getComputedStyle(element);
            const { top, bottom } = element.getBoundingClientRect();
            return { mark: element.outerHTML, outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth), visible: bottom > 0 && top < innerHeight };
          });
          assert.ok(outline >= 2, `${path}: no outline on ${mark}`);
          assert.ok(visible, `${path}: out of sight: ${mark}`);
          reached.add(mark);
        }
        assert.equal(reached.size, all, path);
        await close(walker);
      }
    });
  });
}
