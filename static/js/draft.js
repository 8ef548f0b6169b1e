// A form that meets an ended session is not typed anew. What was typed waits in this tab, for the same person and the same
// page only, until the login has led back there; never a password, and no key or secret is ever in a form but sealed.

const store = "draft";
const draft = JSON.parse(sessionStorage.getItem(store));
const person = document.body.dataset.person;
const login = document.querySelector("[data-login]");

if (login) {
  const next = login.elements.next.value;
  if (draft && new URL(next, location.origin).pathname.startsWith(draft.page)) {
    keep({...draft, back: true});
    swap("[data-draft-lost]", "[data-draft-kept]");
  }
} else {
  sessionStorage.removeItem(store);
  const form = document.querySelector("form[data-draft]");
  if (draft?.back && draft.person === person && form?.dataset.draft === draft.page) restore(form, draft.fields);
}

document.addEventListener("submit", ({target: form, submitter, defaultPrevented}) => {
  if (defaultPrevented || !form.dataset.draft) return;
  const fields = [...new FormData(form, submitter)].filter(([name, value]) => typeof value === "string" && form.elements[name]?.type !== "password");
  keep({page: form.dataset.draft, person, fields});
});

function keep(draft) {
  sessionStorage.setItem(store, JSON.stringify(draft));
}

function restore(form, fields) {
  for (const field of form.elements) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (values.length && !["submit", "password", "file"].includes(field.type)) field.value = values[0];
  }
  const detail = document.getElementById("draft-restored").content.textContent;
  document.dispatchEvent(new CustomEvent("toast", {detail}));
}

function swap(hide, show) {
  document.querySelector(hide)?.setAttribute("hidden", "");
  document.querySelector(show)?.removeAttribute("hidden");
}
