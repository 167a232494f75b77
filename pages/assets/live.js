// Keeps a page up to date: each event from the server fetches the page again and swaps what changed.
// Without this script a "reload" link stands in its place.
"use strict";
(() => {
  const source = document.currentScript?.dataset.events;
  if (!source || !window.EventSource) return;

  const say = (text) => {
    const place = document.getElementById("announce");
    if (place && text) place.textContent = text;
  };

  // How a link, button or field is found again in the new page.
  const marks = (element) =>
    [element.localName, ...["id", "name", "value", "href", "data-key"].map((name) => element.getAttribute(name))].join("\n");

  // Puts `fresh` in the place of `stale`. Whatever had the focus keeps it, a fold that was opened stays open,
  // and a form that is still the same keeps what was typed. Nothing happens if nothing changed.
  const swap = (stale, fresh) => {
    const folds = fresh.querySelectorAll("details");
    stale.querySelectorAll("details").forEach((fold, place) => folds[place]?.toggleAttribute("open", fold.open));
    if (stale.isEqualNode(fresh)) return false;
    const held = stale.contains(document.activeElement) ? marks(document.activeElement) : undefined;
    const forms = [...stale.querySelectorAll("form")];
    fresh.querySelectorAll("form").forEach((form) => {
      const same = forms.findIndex((other) => other.isEqualNode(form));
      if (same >= 0) form.replaceWith(...forms.splice(same, 1));
    });
    stale.replaceWith(fresh);
    if (held === undefined) return true;
    const again = [...fresh.querySelectorAll("a, button, input, summary")].find((element) => marks(element) === held);
    (again ?? document.getElementById("main")).focus({ preventScroll: true });
    return true;
  };

  const show = (page) => {
    const header = page.querySelector("header");
    const main = page.getElementById("main");
    const stale = document.getElementById("main");
    if (!header || !main || !stale) return;
    swap(document.querySelector("header"), header);
    const moved = main.dataset.state !== stale.dataset.state;
    if (!swap(stale, main)) return;
    if (moved) main.querySelector("[autofocus]")?.focus();
    say(main.querySelector("[data-say]")?.textContent.trim());
  };

  let running = false;
  let again = false;
  // While kana become kanji, the field must stay where it is.
  let composing = false;
  const refresh = async () => {
    if (running || composing) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
      const text = await answer.text();
      if (composing) again = true;
      else if (answer.ok) show(new DOMParser().parseFromString(text, "text/html"));
    } catch {
      // The server is away; the next event, or the reconnection, tries again.
    } finally {
      running = false;
      if (again && !composing) { again = false; refresh(); }
    }
  };

  const events = new EventSource(source);
  events.addEventListener("changed", refresh);
  // Also the first time: something may have changed between the page and the stream.
  events.addEventListener("open", refresh);

  document.addEventListener("compositionstart", () => { composing = true; });
  document.addEventListener("compositionend", () => {
    composing = false;
    if (again && !running) { again = false; refresh(); }
  });

  // Function keys, digits, Enter and Esc, once each however long they are held.
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || event.repeat) return;
    if (event.key.length === 1 && event.target.matches("input")) return;
    if (event.key === "Enter" && event.target.matches("a, button, summary")) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
  });
})();
