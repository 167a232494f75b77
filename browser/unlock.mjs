// `/counter/unlock`: what is agreed to, the card, the PIN, and every refusal; then a day on the card's quota.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { VIEWS, close, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { judge } from "./judge.mjs";
import { turn } from "./switches.mjs";

const PIN = "24680";
/** What the binding of the demo allows without network. */
const QUOTA = 300;

/** Starts the locked terminal by its administrator's card. */
export async function startByCard(page, base) {
  await page.goto(`${base}/counter/unlock`);
  await page.click('.pretend button[value="HA-T1"]');
  await page.fill("#pin", PIN);
  await page.keyboard.press("Enter");
  await shows(page, "ready-offline");
}

export function unlock(shared) {
  describe("the administrator's unlock", { timeout: 600_000 }, () => {
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

    /** Switched off and on again. */
    const again = async () => {
      await turn(start, "T1", "power", "off");
      await turn(start, "T1", "power", "on");
      await page.goto(`${demo.base}/counter/`);
    };
    /** The same without network. */
    const dark = async () => {
      await turn(start, "T1", "network", "off");
      await again();
      await shows(page, "locked");
    };
    const place = (page, card) => page.click(`.pretend button[value="${card}"]`);
    const type = async (page, pin) => {
      await page.fill("#pin", pin);
      await page.keyboard.press("Enter");
    };
    const inEveryView = async (work, path = "/counter/unlock") => {
      for (const view of VIEWS) {
        const page = await open(shared.browser, demo.base, path, view);
        await work(page);
        await close(page);
      }
    };

    test("shows all that is agreed to, in large type, before a card is asked for", () => inEveryView(async (page) => {
      await judge(page, "unlock");
      const text = await page.locator(".unlock").innerText();
      assert.match(text, /さくら内科[^]*300[^]*2613200019[^]*24/u);
      assert.match(text, /確かめられた時刻ではありません|not a proven time/);
      assert.equal(await page.locator("#pin").count(), 0, "no PIN before a card");
      assert.ok(await page.locator(".unlock .large").evaluate((large) => parseFloat(getComputedStyle(large).fontSize)) >= 32);
      await place(page, "HA-T1");
      await judge(page, "unlock-pin");
      assert.equal(await page.evaluate(() => document.activeElement.id), "pin");
      assert.match(await page.locator(".unlock").innerText(), /2613200019/, "it still stands there");
    }));

    test("refuses a card for signing documents, and one of another kind, before any PIN", () => inEveryView(async (page) => {
      await place(page, "HS");
      await page.getByRole("alert").getByText(/署名用のカードです（認証用を）|for signing\. Use the one for authentication/u).waitFor();
      await judge(page, "unlock-signing-card");
      await page.reload();
      await shows(page, "unlock-signing-card");
      await place(page, "バス Bus");
      await shows(page, "unlock-other-card");
      await judge(page, "unlock-other-card");
    }));

    test("counts a wrong PIN at the card, and a strange card at the terminal, which then needs the network", async () => {
      let left = 5;
      await inEveryView(async (page) => {
        await place(page, "HA-T2");
        await type(page, "0000");
        await page.getByRole("alert").getByText(/暗証番号が違います。あと \d+ 回|Wrong PIN\. Tries left: \d+/u).waitFor();
        await judge(page, "unlock-wrong-pin");
        await page.reload();
        await shows(page, "unlock-wrong-pin");
        await type(page, PIN);
        left -= 1;
        await page.getByRole("alert").getByText(new RegExp(`この端末の管理者ではありません。あと ${left} 回|not an administrator's of this terminal\\. Tries left: ${left}`, "u")).waitFor();
        await judge(page, "unlock-not-administrator");
      });
      assert.equal(left, 1);
      await page.goto(`${demo.base}/counter/unlock`);
      await place(page, "HA-T2");
      await type(page, PIN);
      await page.getByText("5 回まちがえたため通信が必要です").waitFor();
      await inEveryView(async (page) => {
        await judge(page, "unlock-locked-out");
        assert.equal(await page.locator("form").count(), 0, "there is nothing more to try");
      });
    });

    test("the network takes the place of the card, and sets the count back", async () => {
      const waiting = await open(shared.browser, demo.base, "/counter/unlock", VIEWS[1]);
      await shows(waiting, "unlock-locked-out");
      await turn(start, "T1", "network", "on");
      await shows(waiting, "ready");
      await close(waiting);
      await dark();
    });

    test("a PIN that was blocked stays blocked", async () => {
      await page.goto(`${demo.base}/counter/unlock`);
      for (let state = "unlock"; state !== "unlock-pin-blocked"; state = await page.getAttribute("main", "data-state")) {
        if (state !== "unlock-wrong-pin") await place(page, "HA-T2");
        await type(page, "0000");
        await page.getByRole("alert").waitFor();
      }
      await inEveryView(async (page) => {
        await place(page, "HA-T2");
        await type(page, PIN);
        await shows(page, "unlock-pin-blocked");
        await judge(page, "unlock-pin-blocked");
      });
    });

    test("without script and without pointer the card unlocks", async () => {
      const plain = await open(shared.browser, demo.base, "/counter/unlock", VIEWS[0], { javaScriptEnabled: false });
      await plain.focus('.pretend button[value="HA-T1"]');
      await plain.keyboard.press("Enter");
      await shows(plain, "unlock-pin");
      await plain.keyboard.type(PIN);
      await plain.keyboard.press("Enter");
      await shows(plain, "ready-offline");
      await close(plain);
      await page.goto(`${demo.base}/counter/`);
      await inEveryView(async (page) => {
        await judge(page, "ready-offline", "never-online");
        const text = await page.locator("body").innerText();
        assert.match(text, /一度も通信がありません（管理者のカードで起動）|no network since the start \(started by an administrator's card\)/u);
        assert.match(text, /残り 300 人|300 check-ins left/);
      }, "/counter/");
    });

    test("says when few check-ins are left, and when none is", async () => {
      await shows(page, "ready-offline");
      await checkIns(QUOTA - 10);
      await inEveryView(async (page) => {
        await judge(page, "quota-low");
        await page.getByText(/仮受付はあと 10 人|10 provisional left/).first().waitFor();
      }, "/counter/");
      await checkIns(10);
      await posted("tap", { card: "P1" }, "verify-holder");
      await posted("holder", { method: 2 }, "quota-out");
      await inEveryView((page) => judge(page, "quota-out"), "/counter/");
      // All of them on paper: a sheet holds at least 14.
      await page.goto(`${demo.base}/counter/today/print`);
      const sheets = (await page.pdf({ preferCSSPageSize: true })).toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g);
      assert.ok(sheets.length <= Math.ceil(QUOTA / 14), `${sheets.length} sheets`);
      await page.goto(`${demo.base}/counter/`);
    });

    test("switching off and on refills nothing", async () => {
      await again();
      await shows(page, "locked");
      await inEveryView((page) => judge(page, "unlock-quota-out"));
    });

    test("all of them are confirmed when the network is back", async () => {
      await turn(start, "T1", "network", "on");
      await shows(page, "ready");
      await page.goto(`${demo.base}/counter/today`);
      await page.waitForFunction((count) => document.querySelectorAll("tbody .good").length >= count, QUOTA, { timeout: 60_000 });
      assert.equal(await page.locator("tbody .wait, tbody .bad").count(), 0);
    });

    /** Check-ins by the forms of the page, one after the other. */
    async function checkIns(count) {
      await page.goto(`${demo.base}/`); // nobody looks meanwhile
      for (let done = 0; done < count; done += 1) {
        await posted("tap", { card: "P1" }, "verify-holder");
        await posted("holder", { method: 2 }, "new-provisional");
      }
      await posted("back", {}, /ready-offline|quota-low/);
      await page.goto(`${demo.base}/counter/`);
    }
    /** Sends a form and reads the page until it shows the state. */
    async function posted(path, form, state) {
      let answer = await page.request.post(`${demo.base}/counter/${path}`, { form });
      while (!(await answer.text()).match(/data-state="([^"]+)"/)[1].match(state)) {
        answer = await page.request.get(`${demo.base}/counter/`);
      }
    }
  });
}
