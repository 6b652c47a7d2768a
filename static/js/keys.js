/* Keyboard: "/" goes to the search box, "j" and "k" walk the rows, Enter opens, "?" shows the list of keys.
 *
 * The search box is that of every page or, for those who may not look people up, the first one of the page's own.
 * A row is any element with data-row, or a body row of a .table. Walking focuses the row's first link, so Enter needs
 * no code and the browser keeps the position. Single keys do nothing while typing, with a modifier held, or once the
 * reader has switched them off in the help dialog (#keys-help in layout.html), which this browser remembers.
 */

const OFF = "chizheng.keys.off";

const remembered = {
  get off() { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } },
  set off(value) { try { localStorage.setItem(OFF, value ? "1" : "0"); } catch { /* private window: lasts for this page */ } },
};

const help = document.getElementById("keys-help");

function isTyping(target) {
  return target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
}

function rows() {
  return [...document.querySelectorAll("[data-row], .table tbody tr")].filter((row) => row.querySelector("a[href]") && row.offsetParent !== null);
}

function walk(step) {
  const all = rows();
  if (all.length === 0) return;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = here === -1 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + step));
  all[next].querySelector("a[href]").focus();
  all[next].scrollIntoView({ block: "nearest" });
}

const box = document.querySelector("[data-search]") ?? document.querySelector("main input[type=search]");

function search() {
  box.focus();
  box.select();
}

const ACTIONS = { ...(box && { "/": search }), j: () => walk(1), k: () => walk(-1), "?": () => help?.showModal() };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target) || help?.open) return;
  const action = ACTIONS[event.key];
  if (!action || (remembered.off && event.key !== "?")) return;
  event.preventDefault();
  action();
});

for (const line of document.querySelectorAll("[data-needs-search]")) line.hidden = !box;
const toggle = document.getElementById("keys-on");
if (toggle) {
  toggle.checked = !remembered.off;
  toggle.addEventListener("change", () => { remembered.off = !toggle.checked; });
}
for (const opener of document.querySelectorAll("[data-keys-help]")) {
  opener.hidden = false;
  opener.addEventListener("click", () => help?.showModal());
}
