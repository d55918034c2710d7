
"use strict";
const search = document.getElementById("search");
const changes = Array.from(document.querySelectorAll("details.change"));
const texts = changes.map((change) => change.textContent.toLowerCase());
const boxes = Array.from(document.querySelectorAll(".tools input[type=checkbox]"));
const count = document.getElementById("count");
const open = document.getElementById("open");

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const off = boxes.filter((box) => !box.checked);
  let shown = 0;
  changes.forEach((change, index) => {
    const hidden =
      off.some((box) => box.dataset.kind === change.dataset.kind && box.dataset.kind) ||
      off.some((box) => box.dataset.cloud === change.dataset.cloud && box.dataset.cloud) ||
      !words.every((word) => texts[index].includes(word));
    change.hidden = hidden;
    shown += hidden ? 0 : 1;
  });
  count.value = shown + " of " + changes.length;
}

search.addEventListener("input", show);
boxes.forEach((box) => box.addEventListener("change", show));
open.addEventListener("click", () => {
  const all = changes.every((change) => change.open || change.hidden);
  changes.forEach((change) => { change.open = !all; });
  open.textContent = all ? "Open all" : "Close all";
});
document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  const typing = document.activeElement === search;
  if (event.key === "/" && !typing) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && typing) {
    search.value = "";
    show();
    search.blur();
  } else if ((event.key === "j" || event.key === "k") && !typing && !event.ctrlKey && !event.metaKey) {
    const shown = changes.filter((change) => !change.hidden).map((change) => change.querySelector("summary"));
    const at = shown.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    if (shown.length) shown[Math.max(0, Math.min(at, shown.length - 1))].focus();
  }
});
show();
