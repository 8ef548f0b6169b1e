// Receipts, and what the other modules have to say: they send the event "toast" with the text.

const toasts = document.getElementById("toasts");

document.addEventListener("toast", (event) => show(event.detail));

// A live region speaks of what comes into it, so the receipt that was in the page from the start is put in anew.
const receipt = toasts?.firstElementChild;
if (receipt) {
  receipt.remove();
  requestAnimationFrame(() => add(receipt));
}

function show(text) {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-text]").textContent = text;
  add(toast);
}

function add(toast) {
  toasts.append(toast);
  toast.querySelector("[data-dismiss]").addEventListener("click", () => toast.remove());
  if ("stays" in toast.dataset) return;
  const leave = () => toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove();
  setTimeout(leave, 8000);
}
