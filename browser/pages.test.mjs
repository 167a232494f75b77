// Every page of the demo in a real browser. Run with `node --test pages.test.mjs` after `cargo build`.
//
// One process, one after the other: the table at the end needs to know what all of them saw.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "./chromium.mjs";
import { clock } from "./clock.mjs";
import { counter } from "./counter.mjs";
import { day } from "./day.mjs";
import { keyboard } from "./keyboard.mjs";
import { live } from "./live.mjs";
import { me } from "./me.mjs";
import { offline } from "./offline.mjs";
import { missing, table } from "./reached.mjs";
import { operator } from "./operator.mjs";
import { plain } from "./plain.mjs";
import { theft } from "./theft.mjs";
import { unlock } from "./unlock.mjs";
import { verify } from "./verify.mjs";

const shared = {};
before(async () => { shared.browser = await launch(); });
after(async () => { await shared.browser.close(); });

day(shared);
counter(shared);
offline(shared);
unlock(shared);
theft(shared);
clock(shared);
me(shared);
operator(shared);
live(shared);
keyboard(shared);
plain(shared);
verify(shared);

test("every state of every page was reached, in both languages and both widths", () => {
  console.log(table());
  assert.deepEqual(missing(), []);
});
