// `/me/`: the patient's pages.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { checkIn } from "./desk.mjs";
import { judge } from "./judge.mjs";
import { stampers, turn } from "./switches.mjs";
import { startByCard } from "./unlock.mjs";

/** Signs in with a simulated card. */
export async function signIn(page, card, pin = "1234") {
  await page.check(`[name=card][value=${card}]`);
  await page.fill("#pin", pin);
  await page.click("button.main");
}

export function me(shared) {
  describe("the patient's pages", { timeout: 180_000 }, () => {
    let demo;
    before(async () => { demo = await startDemo(); });
    after(() => demo.stop());

    const inEveryView = async (work) => {
      for (const view of VIEWS) {
        const page = await open(shared.browser, demo.base, "/me/", view);
        await work(page);
        await close(page);
      }
    };

    test("ask for the card, and say what went wrong with it", () => inEveryView(async (page) => {
      await judge(page, "signed-out");
      await signIn(page, "P3", "0000");
      await page.getByText(/あと 2 回|2 tries left/).waitFor();
      await judge(page, "signed-out", "wrong-pin");
      assert.ok(await page.isChecked("[value=P3]"), "the card is still the one that was chosen");
      await signIn(page, "P3");
      await shows(page, "list");
      await page.click('form[action="/me/sign-out"] button');
      await signIn(page, "P6");
      await page.getByRole("alert").waitFor();
      await judge(page, "signed-out", "not-confirmed");
    }));

    test("say so when there is no visit yet", () => inEveryView(async (page) => {
      await signIn(page, "P4");
      await judge(page, "first-time");
    }));

    test("list the visits and show what is sure of each", () => inEveryView(async (page) => {
      await signIn(page, "P1");
      await shows(page, "list");
      await judge(page, "list");
      assert.equal(await page.locator(".visits li").count(), 3);
      const visit = (name) => page.locator(".visits a", { hasText: name }).first();
      // In the mountains there was no network: the time is known between two others only.
      await visit(/やまびこ|Yamabiko/).click();
      assert.match(await page.locator("h1 + p, h1").first().innerText(), /やまびこ|Yamabiko/);
      await judge(page, "interval");
      await page.goto(`${demo.base}/me/`);
      await visit(/さくら|Sakura/).click();
      await judge(page, "confirmed");
      await page.click("summary");
      await judge(page, "confirmed", "details");
      const address = page.url();
      await page.goto(address.slice(0, -4) + "aaaa");
      await judge(page, "not-found");
      // Somebody else who learns the address sees nothing.
      await page.goto(`${demo.base}/me/`);
      await page.click('form[action="/me/sign-out"] button');
      await signIn(page, "P2");
      await shows(page, "list");
      await page.goto(address);
      await shows(page, "not-found");
    }));

    test("a visit whose time is still open waits, and says so", async () => {
      const start = await open(shared.browser, demo.base, "/", VIEWS[0]);
      const desk = await open(shared.browser, demo.base, "/counter/", VIEWS[0]);
      // No time stamp can be had, and the terminal was started by card: nothing bounds the visit from above.
      await stampers(start, "off");
      await turn(start, "T1", "network", "off");
      await turn(start, "T1", "power", "off");
      await turn(start, "T1", "power", "on");
      await shows(desk, "locked");
      await startByCard(desk, demo.base);
      await checkIn(desk, "P3");
      await shows(desk, "new-provisional");
      await turn(start, "T1", "network", "on");
      await shows(desk, "known");
      await inEveryView(async (page) => {
        await signIn(page, "P3");
        await page.waitForSelector("main[data-state=list], main[data-state=waiting]");
        await shows(page, "waiting");
        await judge(page, "waiting");
        await page.click(".visits a");
        await judge(page, "provisional");
      });
      await stampers(start, "on");
      await close(start, desk);
    });

    test("a refusal can be read in the other language", async () => {
      const page = await open(shared.browser, demo.base, "/me/", VIEWS[1]);
      await signIn(page, "P3", "0000");
      await page.click("header a[hreflang=en]");
      await shows(page, "signed-out");
      assert.equal(await page.getAttribute("html", "lang"), "en");
      await signIn(page, "P3");
      await close(page);
    });

    test("the record can be taken home as a file", async () => {
      const page = await open(shared.browser, demo.base, "/me/", VIEWS[1]);
      await signIn(page, "P1");
      await page.click(".visits a");
      await page.click("summary");
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("a[download]")]);
      assert.equal(download.suggestedFilename(), "bundle.jvb");
      assert.equal(await download.failure(), null);
      await close(page);
    });

    test("a blocked PIN is explained, and that care goes on", async () => {
      const page = await open(shared.browser, demo.base, "/me/", VIEWS[0]);
      for (const _ of [1, 2, 3]) await signIn(page, "P2", "0000");
      await close(page);
      await inEveryView(async (page) => {
        await signIn(page, "P2");
        await page.getByText(/窓口|municipality/).waitFor();
        await judge(page, "signed-out", "pin-blocked");
      });
    });
  });
}
