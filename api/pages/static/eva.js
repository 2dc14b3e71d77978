// Shows how far a forecast is, and reloads the page when it has ended. Everything else works without script.
"use strict";
for (const box of document.querySelectorAll("[data-progress]")) {
  const source = new EventSource(box.dataset.progress);
  const find = (name) => box.querySelector(`[data-${name}]`);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  source.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    find("bar").max = told.total;
    find("bar").value = told.done;
    find("total").textContent = number.format(told.total);
    find("done").textContent = number.format(told.done);
    find("queued").hidden = told.state !== "queued";
    find("left").hidden = told.left === null;
    find("seconds").textContent = told.left === null ? "" : number.format(Math.ceil(told.left));
  });
  source.addEventListener("end", () => {
    source.close();
    location.reload();
  });
}
