// Search as you type: what is found comes in place, the focus stays, and the address follows. A later question ends the
// earlier one, so that an older answer never comes over a newer one. Without this the button asks.

const search = document.querySelector("[data-search]");
let asking, waiting, held;

function ask() {
  clearTimeout(waiting);
  asking?.abort();
  asking = new AbortController();
  const {signal} = asking;
  const address = new URL(search.action);
  address.search = new URLSearchParams([...new FormData(search)].filter(([name, value]) => value.trim() && name !== "u"));
  return answer(address, signal);
}

async function answer(address, signal) {
  let response, text;
  try {
    response = await fetch(address, {signal});
    text = await response.text();
  } catch {
    if (!signal.aborted) document.dispatchEvent(new CustomEvent("unreached", {detail: ask}));
    return;
  }
  document.dispatchEvent(new CustomEvent("reached", {detail: ask}));
  await held; // what is about to be pressed must not be put in another's place
  if (signal.aborted) return;
  if (!response.ok || response.redirected) return location.assign(address);
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const id of ["matches", "lists"]) document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes);
  history.replaceState(null, "", address);
  for (const back of document.getElementsByName("back")) back.value = address.pathname + address.search;
  document.dispatchEvent(new CustomEvent("listed"));
}

if (search) {
  search.addEventListener("input", ({target, isComposing}) => {
    clearTimeout(waiting);
    if (!isComposing) waiting = setTimeout(ask, target.type === "search" ? 150 : 0);
  });
  search.addEventListener("compositionend", ask);
  document.addEventListener("pointerdown", () => {
    held = new Promise((release) => {
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(release), {once: true});
    });
  });
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-clear]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const {name} of search.elements) {
      if (!name || (name === "q") !== (link.dataset.clear === "q")) continue;
      const field = search.elements[name];
      field.value = field.type === "checkbox" ? "yes" : "";
      field.checked = false;
    }
    search.elements.q.focus();
    ask();
  });
}
