// Copying: a key, which only the answer to a POST holds, or a text that stands in the page. It says Kopierad once the
// clipboard has the value, and never otherwise; where the clipboard cannot be had, the value appears, selected.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-copy]")) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  copy(fetchValue(form), form.parentElement).finally(() => button.ariaBusy = null);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-text]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copyText);
  copy(Promise.resolve(source.textContent), button.parentElement, source);
});

async function fetchValue(form) {
  const answer = await fetch(form.action, {method: "POST", headers: {Accept: "text/plain"}, redirect: "manual", cache: "no-store"});
  if (answer.type === "opaqueredirect" || answer.status === 401) {
    // the session is over: this page's address leads to the login and back
    location.reload();
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Error(answer.status);
  return answer.text();
}

// The clipboard is written within the press, so it is handed a promise of the value rather than the value.
async function copy(value, place, source) {
  hush();
  try {
    const text = value.then((text) => new Blob([text], {type: "text/plain"}));
    text.catch(() => {});
    await navigator.clipboard.write([new ClipboardItem({"text/plain": text})]);
    answer(place.querySelector(".copied"));
  } catch {
    try {
      const text = await value;
      if (source) getSelection().selectAllChildren(source);
      else byHand(text);
    } catch {
      document.dispatchEvent(new CustomEvent("toast", {detail: document.getElementById("copy-failure").content.textContent}));
    }
  }
}

let timer;
function answer(output) {
  output.textContent = output.dataset.copied;
  timer = setTimeout(hush, 2500);
}

function hush() {
  clearTimeout(timer);
  for (const output of document.querySelectorAll(".copied")) output.textContent = "";
}

function byHand(text) {
  const dialog = document.getElementById("copy-fallback").content.firstElementChild.cloneNode(true);
  const field = dialog.querySelector("input");
  field.value = text;
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  field.select();
}
