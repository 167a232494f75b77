// A tap is a real exchange with the card, and whoever looks at the desk or at the patient's list sees it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { back, checkIn, givePin, tap } from "./desk.mjs";
import { signIn } from "./me.mjs";

export function live(shared) {
  describe("live updates", { timeout: 180_000 }, () => {
    let demo, desk, other, patient;
    before(async () => {
      demo = await startDemo();
      desk = await open(shared.browser, demo.base, "/counter/", VIEWS[0]);
      other = await open(shared.browser, demo.base, "/counter/", VIEWS[1]);
      patient = await open(shared.browser, demo.base, "/me/", VIEWS[1]);
      await signIn(patient, "P1");
      await shows(patient, "list");
    });
    after(async () => {
      await close(desk, other, patient);
      await demo.stop();
    });

    /** A page that is loaded again forgets this. */
    const mark = (page) => page.evaluate(() => { window.neverReloaded = true; });
    const stands = async (page) => assert.ok(await page.evaluate(() => window.neverReloaded), `${page.view.name} was loaded again`);

    test("a tap shows at the desk and in the patient's list without a reload", async () => {
      const before = await patient.locator(".visits a").evaluateAll((links) => links.map((link) => link.pathname));
      await mark(other);
      await mark(patient);
      await checkIn(desk, "P1");
      await mark(desk); // the form was sent; from here on nothing is loaded
      await Promise.all([shows(desk, "known"), shows(other, "known")]);
      await patient.waitForFunction((count) => document.querySelectorAll(".visits a").length === count, before.length + 1);
      await Promise.all([desk, other, patient].map(stands));

      const links = await patient.locator(".visits a").evaluateAll((links) => links.map((link) => link.pathname));
      assert.deepEqual(links.slice(1), before, "the new visit stands first, the others as before");
      assert.match(await patient.locator("#announce").innerText(), /さくら内科/, "a screen reader is told");
    });

    test("each tap is an exchange of its own: no two visits share their evidence", async () => {
      const numbers = new Set();
      const links = await patient.locator(".visits a").evaluateAll((links) => links.map((link) => link.href));
      const reader = await patient.context().newPage();
      for (const link of links) {
        await reader.goto(link);
        numbers.add(await reader.locator("details code").textContent());
      }
      await reader.close();
      assert.equal(numbers.size, links.length);
      for (const number of numbers) assert.match(number, /^[0-9a-f]{64}$/);
    });

    test("the focus is not lost when the desk changes", async () => {
      await back(desk);
      await shows(other, "ready");
      await other.focus("[data-key=F2]");
      await tap(desk, "P1");
      await shows(other, "verify-holder");
      assert.equal(await other.evaluate(() => document.activeElement.value), "2", "the choice that is asked for takes the focus");
      await other.focus("[data-key=F8]");
      await back(desk);
      await shows(other, "ready");
      assert.equal(await other.evaluate(() => document.activeElement.dataset.key), "F8", "what had the focus keeps it");
      await other.focus("header .tools a");
      await checkIn(desk, "P1");
      await shows(other, "known");
      assert.notEqual(await other.evaluate(() => document.activeElement.localName), "body");
    });

    test("what is being typed stays, while the rest of the page follows", async () => {
      await checkIn(desk, "P4");
      await shows(other, "new");
      await other.locator("#name").pressSequentially("すず");
      // Something on the page is out of date; then the patient takes the card, and the page is told.
      await other.evaluate(() => document.querySelector(".next").remove());
      await desk.request.post(`${demo.base}/counter/remove`);
      await other.waitForSelector(".next");
      assert.equal(await other.inputValue("#name"), "すず");
      await other.keyboard.type("き");
      assert.equal(await other.inputValue("#name"), "すずき", "the caret is where it was");
    });

    test("an open fold stays open, and a reader's place is kept", async () => {
      await patient.click(".visits a");
      await patient.click("summary");
      await mark(patient);
      await checkIn(desk, "P1");
      await shows(desk, "known");
      // The list in a second window has grown, so the event has been sent to both.
      const second = await patient.context().newPage();
      await second.goto(`${demo.base}/me/`);
      await shows(second, "list");
      await second.close();
      assert.ok(await patient.locator("details").getAttribute("open") !== null);
      await stands(patient);
    });
  });
}
