// Persons found while one types, routes changed without reloading the page, files brought to a record or a mail folder.
// All but bringing files works without script too.
"use strict";

function offerPersons(root) {
  for (const input of root.querySelectorAll("input[data-persons]")) {
    let asked = "";
    input.addEventListener("input", async () => {
      const text = input.value.trim();
      if (!text || text === asked) return;
      asked = text;
      const answer = await fetch(`${input.dataset.persons}?q=${encodeURIComponent(text)}`);
      if (!answer.ok || asked !== text) return;
      const options = (await answer.json()).map((person) => {
        const option = document.createElement("option");
        option.value = person.name;
        option.label = `${person.name} – ${person.roles}`;
        return option;
      });
      input.list.replaceChildren(...options);
    });
  }
}

// The part of a page marked data-swap is fetched anew where one of its buttons only changes the form.
async function swapPart(button, part) {
  const fields = new URLSearchParams(new FormData(button.form));
  fields.append(button.name, button.value);
  const answer = await fetch(button.form.action, { method: "POST", body: fields });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const changed = page.getElementById(part.id);
  if (!changed) {
    button.form.requestSubmit(button);
    return;
  }
  part.replaceWith(changed);
  offerPersons(changed);
  const [what, place] = button.value.split(":");
  const moved = Number(place) + (what === "up" ? -1 : what === "down" ? 1 : 0);
  const rows = changed.querySelectorAll(".route-row");
  const row = place === undefined ? rows[rows.length - 1] : rows[Math.min(moved, rows.length - 1)];
  const again = what === "up" || what === "down" ? row?.querySelector(`button[value^="${what}:"]:not(:disabled)`) : null;
  (again ?? row?.querySelector("input[data-persons]"))?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=_do]");
  const part = button?.closest("[data-swap]");
  if (!part) return;
  event.preventDefault();
  swapPart(button, part);
});
document.addEventListener("change", async (event) => {
  const part = event.target.closest("[data-swap]");
  if (!part || !event.target.name.endsWith("_order")) return;
  await swapPart(event.target.form.querySelector("button[value=stay]"), part);
  document.getElementById(event.target.id)?.focus();
});
offerPersons(document);

// Each file is the body of a request of its own; the fields beside it stand in the address.
function bringFiles(form) {
  const input = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");
  const find = (name) => form.querySelector(`[data-${name}]`);
  const tell = (wrong) => {
    find("wrong").textContent = wrong;
    find("wrong").hidden = !wrong;
    find("busy").hidden = true;
    form.querySelector("button").disabled = false;
  };
  const mark = (over) => drop.classList.toggle("over", over);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  drop.addEventListener("dragleave", () => mark(false));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    input.files = event.dataTransfer.files;
  });
  const send = (file, alone) =>
    new Promise((resolve, reject) => {
      const query = new URLSearchParams(new FormData(form));
      if (!query.get("title") || !alone) query.set("title", file.name.replace(/\.[^.]+$/, ""));
      if (form.querySelector("[name=final]")) query.set("final", form.querySelector("[name=final]").checked ? "on" : "off");
      query.set("file_name", file.name);
      query.set("for", form.dataset.for);
      const request = new XMLHttpRequest();
      request.open("POST", `${form.dataset.upload}?${query}`);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.setRequestHeader("x-eva-mark", form.dataset.mark);
      request.setRequestHeader("idempotency-key", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => {
        find("sent").value = (100 * event.loaded) / event.total;
        find("checking").hidden = event.loaded < event.total;
      });
      request.addEventListener("load", () => {
        if (request.status === 200) resolve(request.response.path);
        else reject(new Error(request.response?.wrong ?? form.dataset.noAnswer));
      });
      request.addEventListener("error", () => reject(new Error(form.dataset.noAnswer)));
      request.send(file);
    });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const files = [...input.files];
    tell("");
    if (files.some((file) => file.size > Number(form.dataset.most))) return tell(form.dataset.tooBig);
    const types = input.accept.split(",");
    const isTaken = (file) => types.some((type) => file.name.toLowerCase().endsWith(type));
    if (!files.every(isTaken)) return tell(form.dataset.wrongType);
    form.querySelector("button").disabled = true;
    find("busy").hidden = false;
    try {
      let path = "";
      for (const file of files) path = await send(file, files.length === 1);
      location.assign(path);
    } catch (fault) {
      tell(fault.message);
    }
  });
}

document.querySelectorAll("form[data-upload]").forEach(bringFiles);

// The box above a column of boxes sets them all.
for (const all of document.querySelectorAll("[data-all]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of all.closest("table").querySelectorAll("tbody .pick input")) box.checked = all.checked;
  });
}

// Arrow keys go from row to row of a work list, x chooses the row.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "x" && !event.target.closest("input, select, textarea")) {
    event.target.closest("[data-worklist] tr")?.querySelector(".pick input")?.click();
    return;
  }
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea")) return;
  const links = [...document.querySelectorAll("[data-worklist] tbody a")];
  if (!links.length) return;
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = links.indexOf(document.activeElement.closest("tr")?.querySelector("th a"));
  const next = at < 0 ? links[step > 0 ? 0 : links.length - 1] : links[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
