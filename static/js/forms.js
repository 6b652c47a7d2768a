/* Forms work without this. With it:
 *  - an error summary takes the focus when the page comes back with errors;
 *  - a form with data-guard warns before typed text is left behind;
 *  - a button pressed twice sends once;
 *  - a checkbox with data-check-all="name" checks every box of that name in its form and shows how many in [data-checked];
 *  - a <select data-submit> sends its form on change;
 *  - a button with data-print prints the page.
 */

document.querySelector("[data-error-summary]")?.focus();

for (const form of document.querySelectorAll("form[data-guard]")) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);  // an answer that is a download leaves the page standing
});
// A page brought back by "Back" must be able to send again.
window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

for (const all of document.querySelectorAll("[data-check-all]")) {
  const form = all.closest("form");
  const boxes = [...form.querySelectorAll(`input[type="checkbox"][name="${all.dataset.checkAll}"]`)];
  const count = form.querySelector("[data-checked]");
  const show = () => {
    const checked = boxes.filter((box) => box.checked).length;
    all.checked = checked === boxes.length && checked > 0;
    all.indeterminate = checked > 0 && checked < boxes.length;
    form.toggleAttribute("data-some-checked", checked > 0);
    if (count) count.textContent = String(checked);
  };
  all.addEventListener("change", () => { for (const box of boxes) box.checked = all.checked; show(); });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
