/* Sets the heads of columns of figures to the right, as the figures are. */
document.addEventListener("DOMContentLoaded", () => {
  const table = document.getElementById("result_list");
  if (!table) return;
  const heads = table.querySelectorAll("thead th");
  const cells = table.querySelector("tbody tr.data-row")?.children ?? [];
  for (const [place, cell] of [...cells].entries()) {
    if (cell.firstElementChild?.matches(".figure") && heads[place]) heads[place].classList.add("head-of-figures");
  }
});
