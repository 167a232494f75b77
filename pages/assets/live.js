// Keeps a page up to date: each event from the server fetches the page again and swaps its <main>.
// Without this script a "reload" link stands in its place.
"use strict";
(() => {
  const source = document.currentScript?.dataset.events;
  if (!source || !window.EventSource) return;

  const say = (text) => {
    const place = document.getElementById("announce");
    if (place && text) place.textContent = text;
  };

  let running = false;
  let again = false;
  const refresh = async () => {
    if (running) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("main");
      const stale = document.getElementById("main");
      if (!fresh || !stale) return;
      const typing = stale.contains(document.activeElement) && document.activeElement.matches("input");
      if (typing && fresh.dataset.state === stale.dataset.state) return;
      const header = page.querySelector("header");
      if (header) document.querySelector("header").replaceWith(header);
      stale.replaceWith(fresh);
      fresh.querySelector("[autofocus]")?.focus();
      say(fresh.querySelector("[data-say]")?.textContent.trim());
    } catch {
      // The server is away; the next event, or the reconnection, tries again.
    } finally {
      running = false;
      if (again) { again = false; refresh(); }
    }
  };

  const events = new EventSource(source);
  events.addEventListener("changed", refresh);
  let opened = false;
  events.addEventListener("open", () => { if (opened) refresh(); opened = true; });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    if (event.target.matches("input") && event.key.length === 1) return;
    event.preventDefault();
    target.click();
  });
})();
