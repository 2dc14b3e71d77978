// Shows how far a forecast is, with the chart of the runs so far, and reloads the page when it has ended. Everything else
// works without script.
"use strict";
const BETWEEN_CHARTS = 4000; // milliseconds

// Asks for the chart as it is now; the picture then comes out of what the browser has just fetched.
async function fillChart(figure, done, number) {
  const address = `${figure.dataset.preliminary}?runs=${done}`;
  const answer = await fetch(address);
  if (answer.status !== 200) return;
  await answer.blob();
  figure.querySelector("img").src = address;
  figure.querySelector("[data-drawn]").textContent = number.format(answer.headers.get("eva-runs"));
  figure.hidden = false;
}

for (const box of document.querySelectorAll("[data-progress]")) {
  const source = new EventSource(box.dataset.progress);
  const find = (name) => box.querySelector(`[data-${name}]`);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const figure = box.querySelector("[data-preliminary]");
  let next = 0;
  source.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    if (figure && told.done > 0 && Date.now() >= next) {
      next = Date.now() + BETWEEN_CHARTS;
      fillChart(figure, told.done, number);
    }
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
