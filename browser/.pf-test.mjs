import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "./chromium.mjs";
import { operator } from "./operator.mjs";
const shared = {};
before(async () => { shared.browser = await launch(); });
after(async () => { await shared.browser.close(); });
operator(shared);
