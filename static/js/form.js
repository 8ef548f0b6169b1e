// A form goes once: pressing twice, or pressing Enter again while it is under way, does nothing more.

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  form.dataset.sent = "";
  if (event.submitter) event.submitter.ariaBusy = "true";
});

// A page that comes back from the browser's memory can be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.ariaBusy = null;
  }
});

// The demo log-ins fill in the login.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill-email]");
  if (!button) return;
  const {elements} = document.querySelector("[data-login]");
  elements.email.value = button.dataset.fillEmail;
  elements.password.value = button.dataset.fillPassword;
  elements.email.form.querySelector("button").focus();
});
