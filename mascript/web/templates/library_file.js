// Choosing among the functions of the file; without it all of them are there, closed.
const filters = document.getElementById("filters");
if (filters) {
  const functions = [...document.querySelectorAll(".function")].map((node) => ({ node, text: node.textContent.toLowerCase() }));
  const find = document.getElementById("find");
  const author = document.getElementById("author");
  const used = document.getElementById("used");
  const choose = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { node, text } of functions) {
      const fits = words.every((word) => text.includes(word)) && (!author.value || node.dataset.author === author.value)
        && (!used.checked || node.dataset.champions !== "0");
      node.hidden = !fits;
      count += fits;
    }
    document.getElementById("shown").textContent = `${count} of ${functions.length}`;
    document.getElementById("none").hidden = count > 0;
  };
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.matches(".function")) { target.hidden = false; target.open = true; target.scrollIntoView(); }
  };
  filters.hidden = false;
  filters.addEventListener("input", choose);
  filters.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", open);
  choose();
  open();
}
