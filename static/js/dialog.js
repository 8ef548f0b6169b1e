// A dialog has its own address and works without this. Shown modally it gets a backdrop of its own, and Escape and the
// back gesture close it, which leads where its close link leads. A form that says so asks first, once something is in it.

const dialog = document.querySelector("[data-dialog]");
if (dialog) {
  const focused = dialog.contains(document.activeElement) ? document.activeElement : null;
  dialog.removeAttribute("open");
  dialog.showModal();
  focused?.focus();
  if (dialog.scrollHeight > dialog.clientHeight) {
    // What does not fit is read from its top: the keyboard goes no further than can be seen, nor to the buttons at the end.
    dialog.scrollTop = 0;
    const at = document.activeElement;
    if (at.closest(".actions") || at.getBoundingClientRect().bottom > dialog.getBoundingClientRect().bottom) {
      dialog.tabIndex = -1;
      dialog.focus({preventScroll: true});
    }
  }
  const close = dialog.querySelector("[data-close]");
  const form = dialog.querySelector("form[data-ask]");
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog || !event.cancelable) return;
    event.preventDefault();
    close.click();
  });
  dialog.addEventListener("close", () => { // a second Escape does not ask whether it may
    dialog.showModal();
    close.click();
  });
  close.addEventListener("click", (event) => {
    if (form && holdsWork(form) && !confirm(form.dataset.ask)) event.preventDefault();
  });
}

function holdsWork(form) {
  return "begun" in form.dataset || [...form.elements].some((field) => {
    if (field.type === "file") return field.files.length > 0;
    if (field.type === "submit") return false;
    if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
    return field.checked !== field.defaultChecked || field.value !== field.defaultValue;
  });
}
