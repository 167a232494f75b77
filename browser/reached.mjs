// Which states the pages have today, and which of them the tests saw.

import { VIEWS } from "./chromium.mjs";
import { seen } from "./judge.mjs";

/** The states that are reached by driving the real parts. A new state of a page is added here first. */
const STATES = {
  day: ["day", "simulated"],
  operator: ["alarms", "suspended", "in-use", "sorry"],
  counter: [
    "ready", "reading", "verify-holder", "pin", "pin-wrong", "pulled", "wrong-card", "card-expired", "card-locked",
    "known", "new", "revoked", "today", "help",
    "ready-offline", "new-provisional", "known-provisional", "other-family", "print", "reader-lost", "starting", "locked",
    "suspended", "never-online", "quota-low", "quota-out", "unlock", "unlock-pin", "unlock-signing-card", "unlock-other-card",
    "unlock-wrong-pin", "unlock-not-administrator", "unlock-locked-out", "unlock-pin-blocked", "unlock-quota-out",
    "time-missing", "time-missing-long", "re-anchor-due", "rejected-later", "rejected-result",
  ],
  me: ["signed-out", "wrong-pin", "pin-blocked", "not-confirmed", "first-time", "list", "waiting", "confirmed", "interval", "provisional", "rejected", "details", "not-found"],
  verify: ["verify", "needs-trust", "valid", "valid-details", "invalid"],
};

/** What should have been seen and was not. */
export function missing() {
  const found = new Set(seen.map(({ place, name, view }) => `${place} ${name} ${view}`));
  const wanted = Object.entries(STATES).flatMap(([place, names]) =>
    names.flatMap((name) => VIEWS.map((view) => `${place} ${name} ${view.name}`)));
  const known = new Set(wanted);
  return [...wanted.filter((entry) => !found.has(entry)), ...[...found].filter((entry) => !known.has(entry)).map((entry) => `${entry} is not in the list`)];
}

/** State, page and picture of everything that was seen. */
export function table() {
  const rows = seen.map(({ name, state, path, picture }) => [name === state ? name : `${name} (${state})`, path, `target/screens/${picture}`]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map(([name, path, picture]) => `${name.padEnd(widths[0])}  ${path.padEnd(widths[1])}  ${picture}`).join("\n");
}
