// Keeps the number beside the bell as it is, and the list of what is new; without script each page shows it once.
"use strict";
const bell = document.querySelector("[data-notices]");
const AGAIN = 60000; // milliseconds until a stream that was refused is asked for once more
let notices = null;

function showCount(count) {
  const badge = bell.querySelector("[data-count]");
  if (badge.hidden ? count === 0 : badge.dataset.count === String(count)) return;
  badge.dataset.count = count;
  badge.hidden = count === 0;
  badge.textContent = count < 100 ? count : "99+";
  const words = count ? `${bell.dataset.some} ${count}` : bell.dataset.none;
  bell.querySelector("[data-words]").textContent = words;
  document.getElementById("notices-said").textContent = words;
}

async function showList() {
  const list = document.getElementById("notices");
  if (!list) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const changed = page.getElementById("notices");
  if (changed && !list.contains(document.activeElement)) list.replaceWith(changed);
}

// Only the page that is looked at listens: a browser has few connections to one server.
function listen() {
  if (document.hidden || notices) return;
  let first = true;
  notices = new EventSource(bell.dataset.notices);
  notices.addEventListener("count", (event) => {
    showCount(JSON.parse(event.data).count);
    if (!first) showList();
    first = false;
  });
  notices.addEventListener("error", () => {
    if (notices?.readyState !== EventSource.CLOSED) return;
    notices = null;
    setTimeout(listen, AGAIN);
  });
}

function pause() {
  notices?.close();
  notices = null;
}

if (bell) {
  listen();
  document.addEventListener("visibilitychange", () => (document.hidden ? pause() : listen()));
  addEventListener("pagehide", pause);
  addEventListener("pageshow", listen);
}
