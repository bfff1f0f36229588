// What every page has: lists that answer while you type, pages that follow a run, and keys. Without this the pages still work:
// forms are sent, links are followed.

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// Swaps the marked parts of this page for those of the page at an address, so that the server's templates stay the only ones.
let asked = 0;
export async function refresh(address, only) {
  const mine = ++asked;
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (mine !== asked) return;
  if (!response.ok && response.status >= 500) throw new Error(`status ${response.status}`);
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const parts = only ? [document.querySelector(only)] : [...document.querySelectorAll("[data-part]")].filter((p) => !p.parentElement.closest("[data-part]"));
  for (const part of parts) {
    const other = part && fresh.getElementById(part.id);
    if (!other) { location.assign(address); return; }
    if (part.innerHTML === other.innerHTML) continue;
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    part.replaceWith(other);
    other.querySelectorAll("details").forEach((one, k) => { one.open = open[k] ?? one.open; });
  }
  const twin = fresh.getElementById("twin");
  if (twin) document.getElementById("twin").href = twin.getAttribute("href");
}

// Search as you type: the address keeps what is asked, so that it can be sent to somebody.
function addressOf(form) {
  const given = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(given).toString();
  return (form.getAttribute("action") || location.pathname) + (query ? `?${query}` : "");
}
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-search]")) return;
  event.preventDefault();
  ask(event.target);
});
document.addEventListener("input", async (event) => {
  const form = event.target.closest("[data-search]");
  if (!form) return;
  const typed = event.target.value;
  await wait(event.target.type === "search" ? 130 : 0);
  if (event.target.value === typed) ask(form);
});
async function ask(form) {
  const address = addressOf(form);
  const order = form.querySelector("select[name=order]");
  const query = form.querySelector("input[name=q]");
  if (order && query) order.disabled = query.value !== "";
  try {
    await refresh(address, "#results");
    history.replaceState(null, "", address);
  } catch {
    location.assign(address);
  }
}

// A link whose page has a part of this one with more in it: the part is swapped in, where the link can be followed alone, too.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-into]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.setAttribute("aria-busy", "true");
  try {
    await refresh(link.href, link.dataset.into);
    link.remove();
  } catch {
    location.assign(link.href);
  }
});

// A page of something that goes on is told when the workspace changed, and reads itself anew.
const live = document.getElementById("live");
let stream = null;
function say(words, off) {
  live.hidden = !words;
  live.textContent = words;
  live.classList.toggle("off", Boolean(off));
}
let refreshing = false;
let again = false;
async function follow() {
  again = refreshing; // what changes while a page is read is read after it
  if (refreshing) return;
  refreshing = true;
  const busy = document.activeElement?.closest("[data-part]") && document.activeElement.matches("input, select");
  try {
    if (!busy) await refresh(location.href);
    say("live");
  } catch {
    say("the server does not answer", true);
  }
  await wait(400);
  refreshing = false;
  if (!document.querySelector("[data-live]")) { stream.close(); say(""); } else if (again) follow();
}
if (document.querySelector("[data-live]")) {
  stream = new EventSource("/live");
  stream.addEventListener("hello", () => say("live"));
  stream.addEventListener("change", follow);
  stream.addEventListener("error", () => say("the server does not answer", true));
}

// Keys.
let first = "";
let row = -1;
export const typing = (node) => node.matches("input, select, textarea, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = first + event.key;
  first = event.key === "g" && !first ? "g" : "";
  if (key === "/") focusOn(document.querySelector("[data-slash]") || document.getElementById("find"), event);
  else if (key === "gr") location.assign("/runs");
  else if (key === "ga") location.assign("/arenas");
  else if (key === "gc") location.assign("/compare");
  else if (key === "gl") location.assign("/library");
  else if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "[") document.querySelector("a[rel=prev]")?.click();
  else if (key === "]") document.querySelector("a[rel=next]")?.click();
  else if (key === "?") document.getElementById("keys").showModal();
});
function focusOn(input, event) {
  event.preventDefault();
  input.focus();
  input.select();
}
function move(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((one) => one.querySelector("a"));
  if (!rows.length) return;
  document.querySelector(".row-at")?.classList.remove("row-at");
  row = Math.min(Math.max(row + by, 0), rows.length - 1);
  rows[row].classList.add("row-at");
  rows[row].querySelector("a").focus();
  rows[row].scrollIntoView({ block: "nearest" });
}
document.getElementById("keys-open").addEventListener("click", () => document.getElementById("keys").showModal());
