// `/verify`: the browser checks bundles that the demo wrote, and nothing leaves it.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { judge } from "./judge.mjs";

export function verify(shared) {
  describe("the page that checks", { timeout: 180_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "jushin-verify-"));
    let demo, bundles, atHome, away;
    before(async () => {
      demo = await startDemo("--dir", join(folder, "demo"));
      const all = join(folder, "demo", "bundles");
      bundles = readdirSync(all).sort().map((name) => ({ name, mimeType: "application/octet-stream", buffer: readFileSync(join(all, name)) }));
    });
    before(() => {
      atHome = bundles.filter(({ buffer }) => buffer.includes("2613200019"));
      away = bundles.filter((bundle) => !atHome.includes(bundle));
    });
    after(async () => {
      await demo.stop();
      rmSync(folder, { recursive: true });
    });

    const trust = (page) => page.setInputFiles("#verify-trust", join(folder, "demo", "trust"));
    const check = async (page, files) => {
      await page.setInputFiles("#verify-bundles", files);
      await page.getByText(/件を確かめました|\d checked/).waitFor();
    };
    /** The same file with one byte changed of what the card signed (after the institution comes the terminal's part). */
    const changed = ({ name, buffer, ...rest }) => {
      const forged = Buffer.from(buffer);
      forged[forged.indexOf("2613200019") + 15] ^= 1;
      return { ...rest, name: `changed-${name}`, buffer: forged };
    };
    const cut = ({ name, buffer, ...rest }) => ({ ...rest, name: `cut-${name}`, buffer: buffer.subarray(0, 100) });
    const inEveryView = async (work) => {
      for (const view of VIEWS) {
        const page = await open(shared.browser, demo.base, "/verify", view);
        await page.waitForSelector("#verify-bundles:enabled");
        await work(page);
        await close(page);
      }
    };

    test("asks whom to trust before it answers", () => inEveryView(async (page) => {
      await judge(page, "verify");
      await page.setInputFiles("#verify-bundles", bundles[0]);
      await page.waitForFunction(() => document.getElementById("verify-says").textContent.length > 0);
      assert.equal(await page.locator("#verify-results > *").count(), 0);
      await judge(page, "verify", "needs-trust");
      await trust(page);
      await page.getByText(/件を確かめました|\d checked/).waitFor();
      assert.equal(await page.locator("[data-status='0']").count(), 1, "the bundle that was chosen first");
    }));

    test("finds every visit of the day valid: tight, and between two times", () => inEveryView(async (page) => {
      await trust(page);
      // One of each chapter: known to seconds at the desk, between two times in the mountains.
      await check(page, [atHome[0], atHome[1], away[0]]);
      assert.equal(await page.locator("[data-status='0']").count(), 3);
      await judge(page, "verify", "valid");
      await page.locator("summary").first().click();
      await judge(page, "verify", "valid-details");
    }));

    test("names what is wrong with a changed file, and with one that is none", () => inEveryView(async (page) => {
      await trust(page);
      await check(page, [changed(atHome[0]), cut(atHome[0])]);
      assert.equal(await page.locator("[data-status='0']").count(), 0);
      assert.match(await page.locator("#verify-results").innerText(), /R\d\d|R01/);
      await judge(page, "verify", "invalid");
    }));
  });
}
