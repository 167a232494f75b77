// The demo's switches on `/`: what is pulled out, and put back, while pages are open.

/** Presses a switch of a terminal: network, reader or power. */
export async function turn(start, desk, what, to) {
  await start.click(`form:has([name=desk][value=${desk}]):has([name=turn][value=${what}]) button[value=${to}]`);
  // The same switch now offers the way back.
  await start.waitForSelector(`form:has([name=desk][value=${desk}]):has([name=turn][value=${what}]) button[value=${to === "off" ? "on" : "off"}]`);
}

/** Stops or starts the time stampers. */
export async function stampers(start, to) {
  await start.click(`form:has([name=turn][value=stampers]) button[value=${to}]`);
  await start.waitForSelector(`form:has([name=turn][value=stampers]) button[value=${to === "off" ? "on" : "off"}]`);
}

/** Lets an hour pass on everybody's clock. */
export async function hour(start) {
  await start.click("form:has([name=turn][value=hour]) button");
  await start.waitForLoadState();
}
