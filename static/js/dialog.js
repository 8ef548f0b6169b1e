// A dialog has its own address and works without this. Shown modally it gets a backdrop of its own, and Escape and the
// back gesture close it, which leads where its close link leads.

const dialog = document.querySelector("[data-dialog]");
if (dialog) {
  const focused = dialog.contains(document.activeElement) ? document.activeElement : null;
  dialog.removeAttribute("open");
  dialog.showModal();
  focused?.focus();
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    dialog.querySelector("[data-close]").click();
  });
}
