// What a receptionist does at `/counter/`, by pointer.

import { shows } from "./chromium.mjs";

/** Presses the button that lays a simulated card on the reader. */
export const tap = (page, card) => page.click(`[name=card][value^="${card}"]`);
/** Chooses how the holder is checked: pin, face or eye. */
export const choose = (page, method) => page.click(`[name=method][value="${{ pin: 1, face: 2, eye: 3 }[method]}"]`);
/** Takes the card away. */
export const remove = (page) => page.click('form[action="/counter/remove"] button');
/** Lets the result go, or gives up. */
export const back = (page) => page.click("[data-key=Escape]");

/** Places a card and chooses how its holder is checked. */
export async function checkIn(page, card, method = "face") {
  await tap(page, card);
  await shows(page, "verify-holder");
  await choose(page, method);
}

/** Types the PIN the patient would type. */
export async function givePin(page, pin) {
  await page.fill("#pin", pin);
  await page.keyboard.press("Enter");
}
