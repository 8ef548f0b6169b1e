// Several of a list at once: how many are chosen, and all or none of those that are shown. Who is chosen stays so while one
// searches for others and looks at them, until something is done with them. A list is a form, and says by which name it
// sends them.

const forms = ["u", "i"].map((name) => ({
  name,
  key: `chosen ${location.pathname}${name === "u" ? "" : " " + name}`,
  chosen: new Set(),
  form: () => document.querySelector(`[data-choose=${name}]`),
  boxes: () => document.querySelectorAll(`[data-choose=${name}] [type=checkbox]`),
}));
const searched = () => document.querySelector("[data-search]");
const of = (element) => forms.find(({name}) => name === element.closest("[data-choose]")?.dataset.choose);

function remember({key, chosen}) {
  for (const id of JSON.parse(sessionStorage.getItem(key) || "[]")) chosen.add(id);
}

function count({name, key, chosen, form, boxes}) {
  if (!searched()) return;
  sessionStorage.setItem(key, JSON.stringify([...chosen]));
  const list = form();
  if (!list) return;
  for (const kept of list.querySelectorAll("[data-kept]")) kept.remove();
  const shown = new Set([...boxes()].map((box) => box.value));
  for (const id of chosen) {
    if (shown.has(id)) continue;
    const kept = Object.assign(document.createElement("input"), {type: "hidden", name, value: id});
    kept.dataset.kept = "";
    list.append(kept);
  }
  const {one, other} = list.querySelector("output").dataset;
  list.classList.toggle("has-chosen", chosen.size > 0);
  list.querySelector("output").textContent = chosen.size === 0 ? "" : chosen.size === 1 ? one : other.replace("#", chosen.size);
}

function choose({chosen}, box, checked) {
  box.checked = checked;
  chosen[checked ? "add" : "delete"](box.value);
}

function show(list) {
  list.boxes().forEach((box) => box.checked = list.chosen.has(box.value));
  count(list);
}

document.addEventListener("change", ({target}) => {
  if (!target.matches("[data-choose] [type=checkbox]")) return;
  choose(of(target), target, target.checked);
  count(of(target));
});

document.addEventListener("click", ({target}) => {
  const list = of(target);
  if (target.closest("[data-choose-all]")) list.boxes().forEach((box) => choose(list, box, true));
  else if (target.closest("[data-choose-none]")) {
    list.chosen.clear();
    list.boxes().forEach((box) => choose(list, box, false));
  } else return;
  count(list);
});

document.addEventListener("submit", ({target}) => {
  if (target.dataset.forget) sessionStorage.removeItem("chosen " + target.dataset.forget);
});

document.addEventListener("listed", () => forms.forEach(show));

if (searched()) forms.forEach(remember);

// What was chosen without this, and what the browser has kept ticked on the way back.
addEventListener("pageshow", ({persisted}) => {
  if (persisted) forms.forEach((list) => {
    list.chosen.clear();
    remember(list);
  });
  else for (const {value} of document.querySelectorAll("[data-search] [name=u]")) forms[0].chosen.add(value);
  forms.forEach(show);
});
