// The README's pictures, from the real pages: `cargo build && npm run pictures`.

import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { close, launch, open, shows } from "./chromium.mjs";
import { startDemo } from "./demo.mjs";
import { back, checkIn } from "./desk.mjs";
import { signIn } from "./me.mjs";
import { turn } from "./switches.mjs";

const LIMIT = 150 * 1024;
const desk = { lang: "ja", width: 1280, name: "desk" };
const phone = { lang: "ja", width: 390, name: "phone" };

const demo = await startDemo();
const browser = await launch();

async function picture(page, name) {
  const path = fileURLToPath(new URL(`../docs/pictures/${name}.png`, import.meta.url));
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > LIMIT) throw new Error(`${name}.png has ${size} bytes, more than ${LIMIT}`);
  console.log(`docs/pictures/${name}.png  ${size} bytes`);
}

const start = await open(browser, demo.base, "/", desk, { viewport: { width: 1180, height: 660 } });
await picture(start, "day");

const counter = await open(browser, demo.base, "/counter/", desk, { viewport: { width: 1180, height: 620 } });
await back(counter);
await shows(counter, "ready");
await picture(counter, "counter-ready");
await checkIn(counter, "P1");
await shows(counter, "known");
await picture(counter, "counter-known");
await turn(start, "T1", "network", "off");
await back(counter);
await shows(counter, "ready-offline");
await picture(counter, "counter-offline");
await turn(start, "T1", "network", "on");

const patient = await open(browser, demo.base, "/me/", phone, { viewport: { width: 390, height: 640 } });
await signIn(patient, "P1");
await shows(patient, "list");
await patient.waitForFunction(() => document.querySelectorAll(".visits a").length === 4);
await picture(patient, "me-list");

await close(start, counter, patient);
await browser.close();
await demo.stop();
