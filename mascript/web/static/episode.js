// An episode in motion: the slider, the keys and the play button ask the server for a step and swap it in. Without this the links
// between steps still lead from one to the next.

import { refresh, typing } from "/static/app.js";

const slider = document.getElementById("slider");
const play = document.getElementById("play");
const pace = document.getElementById("pace");
const last = Number(slider.max);
let playing = false;

slider.disabled = play.hidden = document.getElementById("pace-label").hidden = false;

function addressOf(step) {
  const url = new URL(location.href);
  url.searchParams.set("step", step);
  return url.pathname + url.search;
}

async function show(step) {
  const address = addressOf(Math.min(Math.max(step, 0), last));
  slider.value = step;
  await refresh(address, "#moment");
  history.replaceState(null, "", address);
}

function stop() {
  playing = false;
  play.textContent = "Play";
  play.setAttribute("aria-pressed", "false");
}

async function start() {
  if (playing) { stop(); return; }
  playing = true;
  play.textContent = "Pause";
  play.setAttribute("aria-pressed", "true");
  if (Number(slider.value) === last) await show(0);
  while (playing && Number(slider.value) < last) {
    const next = performance.now() + 1000 / Number(pace.value);
    await show(Number(slider.value) + 1);
    await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())));
  }
  stop();
}

play.addEventListener("click", start);
slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });

// Links to other steps of this episode, in the text and in the tracks, move the slider instead of loading the page anew.
document.addEventListener("click", (event) => {
  const link = event.target.closest("#moment a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const href = typeof link.href === "string" ? link.href : link.href.baseVal;
  const to = new URL(href, location.href), here = new URL(location.href);
  const step = to.searchParams.get("step");
  const same = (url) => { const query = new URLSearchParams(url.search); query.delete("step"); return `${url.pathname}?${query}`; };
  if (to.hash || step === null || same(to) !== same(here)) return;
  event.preventDefault();
  stop();
  show(Number(step));
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const at = Number(slider.value);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    stop();
    show(Math.min(Math.max(to, 0), last));
  } else if (event.key === " " && !event.target.closest("button, summary, a")) {
    event.preventDefault();
    start();
  }
});
