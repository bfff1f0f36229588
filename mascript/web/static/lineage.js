// The graph: choose a node to see what it came from and led to, find the way between two, leave kinds of edges out, zoom.
// Nodes and edges come from the page's JSON twin; text from it is only ever set as text.

const svg = document.getElementById("graph");
if (svg) {
  zooming(document.getElementById("graph-box"));
  start(await (await fetch(document.getElementById("twin").href)).json());
  svg.dataset.ready = "yes";
}

// The graph begins as wide as its place where its names stay legible so, else as drawn; the place scrolls.
function zooming(box) {
  const full = svg.viewBox.baseVal.width;
  const fits = (box.clientWidth - 4) / full;
  let scale = 1;
  function zoom(to) {
    scale = Math.min(Math.max(to, 0.2), 3);
    svg.setAttribute("width", full * scale);
    svg.removeAttribute("height");
  }
  document.getElementById("larger").addEventListener("click", () => zoom(scale * 1.25));
  document.getElementById("smaller").addEventListener("click", () => zoom(scale / 1.25));
  document.getElementById("whole").addEventListener("click", () => zoom(Math.min(1, fits)));
  if (fits < 1 && fits > 0.75) zoom(fits);
}

function start(page) {
  const { nodes, edges } = page;
  const story = document.getElementById("story");
  const marks = nodes.map((_, n) => svg.querySelector(`.node[data-n="${n}"]`));
  const lines = [...svg.querySelectorAll(".edge")];
  const off = new Set(); // kinds of edges
  const folded = new Set(); // lanes
  let chosen = -1;
  let from = -1;

  const kindOf = (line) => [...line.classList].find((name) => name.startsWith("e-")).slice(2);
  const away = (n) => folded.has(nodes[n].lane);
  const gone = (a, b, kind) => off.has(kind) || away(a) || away(b);
  const shown = () => edges.filter((edge) => !gone(edge.source, edge.target, edge.kind));

  function reach(start, forth) {
    const found = new Set([start]);
    const waiting = [start];
    while (waiting.length) {
      const at = waiting.shift();
      for (const edge of shown()) {
        const [a, b] = forth ? [edge.source, edge.target] : [edge.target, edge.source];
        if (a === at && !found.has(b)) { found.add(b); waiting.push(b); }
      }
    }
    found.delete(start);
    return found;
  }

  // A shortest way along which code passed; empty where there is none.
  function way(start, end) {
    const came = new Map([[start, null]]);
    const waiting = [start];
    while (waiting.length && !came.has(end)) {
      const at = waiting.shift();
      for (const edge of shown()) if (edge.source === at && !came.has(edge.target)) { came.set(edge.target, edge); waiting.push(edge.target); }
    }
    const steps = [];
    for (let edge = came.get(end); edge; edge = came.get(edge.source)) steps.unshift(edge);
    return steps;
  }

  function light(lit, on) {
    svg.classList.add("tracing");
    marks.forEach((mark, n) => { mark.classList.toggle("on", lit.has(n)); mark.classList.toggle("chosen", n === chosen); });
    for (const line of lines) line.classList.toggle("on", on(Number(line.dataset.a), Number(line.dataset.b), kindOf(line)));
  }

  function put(tag, text, into) {
    const node = document.createElement(tag);
    node.textContent = text;
    into.append(node);
    return node;
  }
  function listed(title, found) {
    if (!found.length) return;
    put("h3", `${title} (${found.length})`, story);
    const list = put("ul", "", story);
    for (const n of found.slice(0, 12)) {
      const button = put("button", `${nodes[n].name}${nodes[n].champion ? ", champion" : ""}`, put("li", "", list));
      button.type = "button";
      button.className = "quiet";
      button.addEventListener("click", () => choose(n, true));
    }
    if (found.length > 12) put("li", `and ${found.length - 12} more`, list);
  }
  function told(n) {
    story.replaceChildren();
    put("h2", nodes[n].name, story);
    put("p", nodes[n].facts, story);
    const open = put("a", nodes[n].kind === "script" ? "Open the script" : "Open the function", put("p", "", story));
    open.href = nodes[n].href;
    open.id = "story-open";
    const family = put("a", "Only its family", put("p", "", story));
    family.href = `?focus=${encodeURIComponent(nodes[n].id)}`;
    const path = put("button", "Path from here …", put("p", "", story));
    path.type = "button";
    path.id = "story-path";
    path.addEventListener("click", () => { from = n; path.textContent = "Now choose where it should lead"; });
  }
  function ordered(found) {
    return [...found].sort((a, b) => nodes[a].generation - nodes[b].generation || a - b);
  }
  function worth(n) {
    const measured = shown().filter((edge) => edge.kind === "credited" && (edge.source === n || edge.target === n));
    if (!measured.length) return;
    put("h3", "Measured", story);
    const list = put("ul", "", story);
    for (const edge of measured) {
      const own = edge.own === null ? "" : `, own ${edge.own.toPrecision(3)}`;
      put("li", `${nodes[edge.source].name} in ${nodes[edge.target].name}: ${edge.label}${own}`, list);
    }
  }

  function choose(n, scroll) {
    if (from >= 0 && from !== n) { showWay(from, n); return; }
    chosen = n;
    const before = reach(n, false);
    const after = reach(n, true);
    const lit = new Set([n, ...before, ...after]);
    light(lit, (a, b, kind) => !gone(a, b, kind) && ((before.has(a) && (before.has(b) || b === n)) || (after.has(b) && (after.has(a) || a === n))));
    told(n);
    worth(n);
    listed("Came from", ordered(before));
    listed("Led to", ordered(after));
    if (scroll) marks[n].scrollIntoView({ block: "nearest", inline: "center" });
  }
  function showWay(a, b) {
    from = -1;
    chosen = b;
    let steps = way(a, b);
    if (!steps.length) steps = way(b, a);
    const lit = new Set([a, b, ...steps.flatMap((edge) => [edge.source, edge.target])]);
    light(lit, (x, y, kind) => steps.some((edge) => edge.source === x && edge.target === y && edge.kind === kind));
    told(b);
    put("h3", steps.length ? `The way, ${steps.length} steps` : "No code passed between them", story);
    const list = put("ol", "", story);
    for (const edge of steps) put("li", `${nodes[edge.source].name} → ${nodes[edge.target].name}: ${edge.kind}`, list);
  }
  function clear() {
    chosen = from = -1;
    svg.classList.remove("tracing");
    for (const one of svg.querySelectorAll(".on, .chosen")) one.classList.remove("on", "chosen");
    story.replaceChildren();
    put("h2", "Story", story);
    put("p", "Choose a node to see what it came from and what it led to.", story);
  }

  // One press chooses, with the mouse or Enter; the link itself is in the story, or opens with the middle button or Ctrl.
  svg.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const node = event.target.closest(".node");
    event.preventDefault();
    if (node) choose(Number(node.dataset.n));
    else clear();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && chosen >= 0) clear(); });

  for (const box of document.querySelectorAll("[data-kind]")) {
    box.addEventListener("change", () => {
      if (box.checked) off.delete(box.dataset.kind); else off.add(box.dataset.kind);
      drawn();
    });
  }
  for (const box of document.querySelectorAll("[data-lane]")) {
    box.addEventListener("change", () => {
      if (box.checked) folded.delete(box.dataset.lane); else folded.add(box.dataset.lane);
      marks.forEach((mark, n) => mark.classList.toggle("off", away(n)));
      drawn();
    });
  }
  function drawn() {
    for (const line of lines) line.classList.toggle("off", gone(Number(line.dataset.a), Number(line.dataset.b), kindOf(line)));
    if (chosen >= 0 && away(chosen)) clear();
    else if (chosen >= 0) choose(chosen);
  }
  document.getElementById("node-find").addEventListener("input", (event) => {
    const text = event.target.value.trim().toLowerCase();
    const found = text ? nodes.findIndex((node) => node.name.toLowerCase() === text) : -1;
    const near = found >= 0 || !text ? found : nodes.findIndex((node) => node.name.toLowerCase().includes(text));
    if (near >= 0) choose(near, true);
  });

  if (page.focus) choose(nodes.findIndex((node) => node.id === page.focus), true);
}
