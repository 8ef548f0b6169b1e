// Toasts: the receipt of what was just done, and what the other modules have to say. They send the event "toast" with
// the text.

const toasts = document.getElementById("toasts");

document.addEventListener("toast", ({detail: text}) => {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-text]").textContent = text;
  show(toast);
});

// A live region speaks of what comes into it, so the receipt that was in the page from the start is put in anew.
const receipt = toasts.firstElementChild;
if (receipt) {
  receipt.remove();
  requestAnimationFrame(() => show(receipt));
}

function show(toast) {
  // what lies outside a modal dialog can be neither seen nor heard
  (document.querySelector("dialog:modal") ?? document.body).append(toasts);
  toasts.append(toast);
  toast.querySelector("[data-dismiss]").addEventListener("click", () => toast.remove());
  const leave = () => toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove();
  setTimeout(leave, 8000);
}
