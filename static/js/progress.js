/* Long work: an element with an id and data-refresh="seconds" is fetched again from this page's address until it comes
 * back without data-refresh. Without this script the "refresh" link inside it does the same.
 */

async function refresh(element) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" }).catch(() => null);
  if (answer?.redirected) { location.assign(answer.url); return; }
  if (!answer?.ok) { schedule(element); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(element.id);
  if (!fresh?.dataset.refresh) { location.reload(); return; }
  element.replaceWith(document.adoptNode(fresh));
  schedule(fresh);
}

function schedule(element) {
  setTimeout(() => refresh(element), 1000 * Math.max(1, Number(element.dataset.refresh) || 2));
}

for (const element of document.querySelectorAll("[id][data-refresh]")) schedule(element);
