"use strict";
// Sorts tables by a column: numbers as numbers, what is no number last both ways.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  if (body.rows.length < 2) continue;
  const value = (row, at, numeric) => {
    const text = row.cells[at].textContent.trim();
    if (!numeric) return text;
    const digits = text.replace(/^(under|over) /, "").replace(/\u2212/g, "-").replace(/[,%\u00a0\u00d7 ]/g, "");
    if (digits === "" || isNaN(digits)) return null;
    return digits * (text.startsWith("under ") ? 0.5 : text.startsWith("over ") ? 1.001 : 1);
  };
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const numeric = head.classList.contains("n"), sign = down ? -1 : 1;
      const rows = [...body.rows].map((row) => [value(row, at, numeric), row]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (numeric ? a - b : a < b ? -1 : a > b ? 1 : 0);
      });
      rows.forEach(([, row]) => body.append(row));
    });
  });
}
