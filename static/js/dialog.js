// A dialog has its own address and works without this. Shown modally it gets a backdrop of its own, and Escape and the
// back gesture close it, which leads where its close link leads.

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
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    dialog.querySelector("[data-close]").click();
  });
}
