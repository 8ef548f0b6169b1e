// Small things of every page: the toast, the notice while offline, the row that an address points at.

const toasts = document.getElementById("toasts");

document.addEventListener("toast", (event) => show(event.detail));

// A live region speaks of what comes into it, so the receipt that was in the page from the start is put in anew.
const receipt = toasts?.firstElementChild;
if (receipt) {
  receipt.remove();
  requestAnimationFrame(() => add(receipt));
}

function show(html) {
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("[data-text]").innerHTML = html;
  add(toast);
}

function add(toast) {
  toasts.append(toast);
  toast.querySelector("[data-dismiss]").addEventListener("click", () => toast.remove());
  if ("stays" in toast.dataset) return;
  const leave = () => toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove();
  setTimeout(leave, 8000);
}

const notice = document.getElementById("offline");
const tell = () => notice.hidden = navigator.onLine;
addEventListener("online", tell);
addEventListener("offline", tell);
tell();

// An address may point into what is folded away.
const target = location.hash && document.getElementById(location.hash.slice(1));
const fold = target && target.closest("details:not([open])");
if (fold) {
  fold.open = true;
  target.scrollIntoView();
}
