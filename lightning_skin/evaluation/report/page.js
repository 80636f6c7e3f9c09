// The page reads the same without this script; with it a reader can choose, move and sort.
"use strict";
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];
  document.documentElement.classList.add("scripted");

  // One class: its figures appear, its lines and rows stand out.
  const choice = one("#class-choice");
  const choose = () => {
    const chosen = choice.value;
    for (const card of all("[data-card]")) card.hidden = card.dataset.card !== chosen;
    for (const part of all("[data-class]")) {
      part.classList.toggle("chosen", chosen !== "" && part.dataset.class === chosen);
      const fades = part.matches(".line, .legend li");
      part.classList.toggle("faded", fades && chosen !== "" && part.dataset.class !== chosen);
    }
  };
  choice.addEventListener("change", choose);

  // The threshold.
  const views = JSON.parse(one("#views").textContent);
  const slider = one("#threshold");
  if (slider) {
    const select = one("#view");
    const three = (value) => (Number.isNaN(value) ? "–" : value.toFixed(3));
    const many = (count) => count.toLocaleString("en");
    const rates = (view, at) => {
      const found = view.found[at], flagged = view.flagged[at];
      const missed = view.positives - found, spared = view.negatives - flagged;
      const of = (part, whole, words) => ({ value: whole ? part / whole : NaN, which: `${many(part)} of ${many(whole)} ${words}` });
      return {
        sensitivity: of(found, view.positives, "found"),
        specificity: of(spared, view.negatives, "others left alone"),
        ppv: of(found, found + flagged, "flagged are it"),
        npv: of(spared, spared + missed, "left alone are not it"),
      };
    };
    const place = (view, at) => [300 * (view.flagged[at] / view.negatives), 300 * (1 - view.found[at] / view.positives)];
    const show = () => {
      const view = views[Number(select.value)], at = Number(slider.value);
      const value = (at / view.steps).toFixed(3);
      one("#threshold-value").textContent = value;
      slider.setAttribute("aria-valuetext", value);
      for (const [rate, said] of Object.entries(rates(view, at))) {
        const row = one(`#rates [data-rate="${rate}"]`), ends = view.intervals[rate][at];
        row.querySelector(".value").textContent = three(said.value);
        row.querySelector(".ends").textContent = ends && !Number.isNaN(said.value) ? `${three(ends[0])} to ${three(ends[1])}` : "–";
        row.querySelector(".which").textContent = said.which;
      }
      // One sentence for those who hear the page, instead of twelve cells.
      const { sensitivity, specificity } = rates(view, at);
      one("#rates-said").textContent = `Sensitivity ${three(sensitivity.value)}, specificity ${three(specificity.value)}`;
      const points = view.found.map((_, index) => place(view, index).map((x) => x.toFixed(1)).join(" "));
      one("#trade .line").setAttribute("d", "M" + points.join("L") + "L0 300");
      const [x, y] = place(view, at);
      one("#trade .handle").setAttribute("cx", x);
      one("#trade .handle").setAttribute("cy", y);
    };
    slider.addEventListener("input", show);
    select.addEventListener("change", show);
    for (const button of all("button[data-rate]")) {
      button.addEventListener("click", () => {
        const view = views[Number(select.value)], rate = button.dataset.rate;
        const reached = view.found.map((_, at) => at).filter((at) => rates(view, at)[rate].value >= 0.9);
        // Sensitivity falls and specificity rises with the threshold: the last, or the first, that reaches it.
        if (reached.length) slider.value = rate === "sensitivity" ? reached.at(-1) : reached[0];
        show();
      });
    }
    show();
  }

  // The mistakes.
  const table = one("#mistakes-table");
  if (table) {
    const body = table.tBodies[0];
    const filters = { label: one("#filter-label"), predicted: one("#filter-predicted") };
    const text = one("#filter-text");
    const whole = one("#mistakes-all");
    const first = 20; // rows to begin with
    const filter = () => {
      const wanted = text.value.trim().toLowerCase();
      const most = whole.getAttribute("aria-expanded") === "true" ? Infinity : first;
      let found = 0;
      for (const row of body.rows) {
        const fits = Object.entries(filters).every(([key, { value }]) => value === "" || row.dataset[key] === value);
        const named = `${row.dataset.image} ${row.dataset.group}`.toLowerCase().includes(wanted);
        row.hidden = !(fits && named && found < most);
        found += fits && named ? 1 : 0;
      }
      whole.hidden = found <= first;
      const shown = Math.min(found, most);
      one("#mistakes-shown").textContent = shown < found ? `${shown} of ${found.toLocaleString("en")} shown` : `${found.toLocaleString("en")} shown`;
    };
    whole.addEventListener("click", () => {
      const expanded = whole.getAttribute("aria-expanded") !== "true";
      whole.setAttribute("aria-expanded", expanded);
      whole.textContent = expanded ? "Show fewer" : "Show all";
      filter();
    });
    for (const control of [...Object.values(filters), text]) control.addEventListener("input", filter);
    for (const button of table.querySelectorAll(".sort")) {
      button.addEventListener("click", () => {
        const key = button.dataset.key, head = button.closest("th");
        const numeric = key === "confidence" || key === "probability";
        const before = head.getAttribute("aria-sort");
        const rising = before ? before === "descending" : !numeric;
        const compare = (a, b) => (numeric ? a.dataset[key] - b.dataset[key] : a.dataset[key].localeCompare(b.dataset[key], "en", { numeric: true }));
        body.append(...[...body.rows].sort((a, b) => (rising ? compare(a, b) : compare(b, a))));
        for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        filter();
      });
    }
    filter();
  }
})();
