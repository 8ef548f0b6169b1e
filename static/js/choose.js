// Several users at once: how many are chosen, and all or none of those that are shown. Who is chosen stays so while one
// searches for others and looks at them, until something is done with them.

const boxes = () => document.querySelectorAll("[data-choose] [type=checkbox]");
const list = () => "chosen " + location.pathname;
const chosen = new Set(document.querySelector("[data-search]") && JSON.parse(sessionStorage.getItem(list()) || "[]"));

function count() {
  const form = document.querySelector("[data-choose]");
  if (!document.querySelector("[data-search]")) return;
  sessionStorage.setItem(list(), JSON.stringify([...chosen]));
  if (!form) return;
  for (const kept of form.querySelectorAll("[data-kept]")) kept.remove();
  const shown = new Set([...boxes()].map((box) => box.value));
  for (const id of chosen) {
    if (shown.has(id)) continue;
    const kept = Object.assign(document.createElement("input"), {type: "hidden", name: "u", value: id});
    kept.dataset.kept = "";
    form.append(kept);
  }
  const {one, other} = form.querySelector("output").dataset;
  form.classList.toggle("has-chosen", chosen.size > 0);
  form.querySelector("output").textContent = chosen.size === 1 ? one : other.replace("#", chosen.size);
}

function choose(box, checked) {
  box.checked = checked;
  chosen[checked ? "add" : "delete"](box.value);
}

function show() {
  boxes().forEach((box) => box.checked = chosen.has(box.value));
  count();
}

document.addEventListener("change", ({target}) => {
  if (!target.matches("[data-choose] [type=checkbox]")) return;
  choose(target, target.checked);
  count();
});

document.addEventListener("click", ({target}) => {
  if (target.closest("[data-choose-all]")) boxes().forEach((box) => choose(box, true));
  else if (target.closest("[data-choose-none]")) {
    chosen.clear();
    boxes().forEach((box) => choose(box, false));
  } else return;
  count();
});

document.addEventListener("submit", ({target}) => {
  if (target.dataset.forget) sessionStorage.removeItem("chosen " + target.dataset.forget);
});

document.addEventListener("listed", show);

// What was chosen without this, and what the browser has kept ticked on the way back.
addEventListener("pageshow", ({persisted}) => {
  if (persisted) {
    chosen.clear();
    for (const id of JSON.parse(sessionStorage.getItem(list()) || "[]")) chosen.add(id);
  } else for (const {value} of document.querySelectorAll("[data-search] [name=u]")) chosen.add(value);
  show();
});
