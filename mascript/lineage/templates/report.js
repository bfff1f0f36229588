"use strict";
// Columns sort by their number where they have one, else by their text.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.addEventListener("click", () => {
    const rising = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent.trim();
    const compare = (a, b) => {
      const x = key(a), y = key(b), p = parseFloat(x), q = parseFloat(y);
      if (Number.isNaN(p) || Number.isNaN(q)) return Number.isNaN(p) - Number.isNaN(q) || x.localeCompare(y);
      return p - q;
    };
    const rows = [...table.tBodies[0].rows].sort(compare);
    table.tBodies[0].append(...(rising ? rows : rows.reverse()));
  }));
}
// Pointing at a node of the lineage leaves only its own edges and neighbours in full colour.
for (const svg of document.querySelectorAll("svg.lineage")) {
  const edges = [...svg.querySelectorAll(".edge")];
  const node = (n) => svg.querySelector(`.node[data-n="${n}"]`);
  for (const group of svg.querySelectorAll(".node")) {
    group.addEventListener("mouseenter", () => {
      svg.classList.add("tracing");
      group.classList.add("on");
      for (const edge of edges) {
        if (edge.dataset.a !== group.dataset.n && edge.dataset.b !== group.dataset.n) continue;
        edge.classList.add("on");
        node(edge.dataset.a).classList.add("on");
        node(edge.dataset.b).classList.add("on");
      }
    });
    group.addEventListener("mouseleave", () => {
      svg.classList.remove("tracing");
      for (const lit of svg.querySelectorAll(".on")) lit.classList.remove("on");
    });
  }
}
for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.textContent = "copied";
    setTimeout(() => { button.textContent = "copy"; }, 1200);
  });
}
