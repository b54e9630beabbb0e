// A table in the app's look: chips, links, bars, ranges, row selection and sorting. Texts enter as text, never as HTML.
const el = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
};

// `names` between backticks are set as code
const words = (text) => String(text).split("`").map((part, position) => (position % 2 ? el("code", "", part) : part));

const draw = {
  chip(value) {
    const chip = el("span", `cd-chip cd-${value.tone}`);
    if (value.icon) chip.append(el("span", "cd-icon", value.icon));
    chip.append(value.text);
    return [chip];
  },
  swatch(value) {
    const square = el("span", "cd-swatch");
    square.style.background = value.colour;
    return [square, value.text];
  },
  meter(value) {
    const track = el("span", "cd-meter");
    const bar = el("i");
    bar.style.width = `${100 * Math.min(1, Math.max(0, value.share))}%`;
    track.append(bar);
    return [track, value.text];
  },
  range(value) {
    const box = el("span", "cd-range");
    const bar = el("i");
    const dot = el("b");
    bar.style.left = `${100 * value.low}%`;
    bar.style.width = `${100 * (value.high - value.low)}%`;
    bar.style.background = value.colour;
    dot.style.left = `${100 * value.at}%`;
    dot.style.borderColor = value.colour;
    box.append(bar, dot);
    return [box];
  },
};

function cell(column, value, row, send) {
  const td = el("td", row === column.best ? `${column.name_of_class} cd-best` : column.name_of_class);
  if (row === column.best) td.title = "The best of this column";
  if (value === null || value === undefined) return td;
  if (column.kind === "link" && Array.isArray(value)) {
    value.forEach((label, position) => {
      if (position) td.append(" or ");
      const link = el("button", "cd-link", label);
      link.type = "button";
      link.onclick = (event) => {
        event.stopPropagation();
        send("clicked", { row, column: column.field, label });
      };
      td.append(link);
    });
  } else if (draw[column.kind]) td.append(...draw[column.kind](value));
  else td.append(...words(value));
  return td;
}

function order(data, sort) {
  const rows = data.rows.map((_, index) => index);
  if (!sort) return rows;
  const keys = data.rows.map((row) => row.sort[sort.column]);
  const less = (a, b) => (a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1);
  return rows.sort((a, b) => sort.sign * less(keys[a], keys[b]) || a - b);
}

function head(data, state, render, selected, send) {
  const row = el("tr");
  if (data.select === "rows") {
    const th = el("th");
    const all = el("input");
    all.type = "checkbox";
    all.ariaLabel = "Choose all rows";
    all.checked = data.rows.length > 0 && selected.length === data.rows.length;
    all.onchange = () => send("selected", all.checked ? data.rows.map((_, index) => index) : []);
    th.append(all);
    row.append(th);
  }
  data.columns.forEach((column, position) => {
    const th = el("th", column.right ? "cd-right" : "");
    const button = el("button", "", column.title);
    button.type = "button";
    button.onclick = () => {
      const now = state.sort;
      state.sort = now?.column !== position ? { column: position, sign: 1 } : now.sign > 0 ? { column: position, sign: -1 } : null;
      render();
    };
    th.append(button);
    if (state.sort?.column === position) {
      th.ariaSort = state.sort.sign > 0 ? "ascending" : "descending";
      th.append(state.sort.sign > 0 ? " ↑" : " ↓");
    }
    if (column.help) {
      const mark = el("span", "cd-help");
      mark.tabIndex = 0;
      mark.title = column.help;
      mark.ariaLabel = column.help;
      mark.append(el("span", "cd-icon", "help"));
      th.append(mark);
    }
    row.append(th);
  });
  const thead = el("thead");
  thead.append(row);
  return thead;
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const state = (parentElement.celldesk ??= { sort: null });
  const send = (name, value) => (name === "clicked" ? setTriggerValue(name, value) : setStateValue(name, value));
  const selected = data.selected ?? [];
  const render = () => {
    const box = el("div", "cd-table");
    if (data.height) box.style.maxHeight = `${data.height}px`;
    const table = el("table");
    const body = el("tbody");
    for (const index of order(data, state.sort)) {
      const tr = el("tr", selected.includes(index) ? "cd-on" : "");
      const pick = () => {
        const others = selected.filter((other) => other !== index);
        if (data.select === "row") send("selected", selected.includes(index) ? [] : [index]);
        else send("selected", selected.includes(index) ? others : [...others, index].sort((a, b) => a - b));
      };
      if (data.select === "rows") {
        const td = el("td");
        const box = el("input");
        box.type = "checkbox";
        box.checked = selected.includes(index);
        box.ariaLabel = `Choose row ${index + 1}`;
        box.onchange = pick;
        td.append(box);
        tr.append(td);
      }
      if (data.select === "row") {
        tr.classList.add("cd-pick");
        tr.tabIndex = 0;
        tr.onclick = pick;
        tr.onkeydown = (event) => event.key === "Enter" && pick();
      }
      data.columns.forEach((column, position) => tr.append(cell(column, data.rows[index].cells[position], index, send)));
      body.append(tr);
    }
    if (!data.rows.length) {
      const td = el("td", "cd-none", data.empty);
      td.colSpan = data.columns.length + (data.select === "rows" ? 1 : 0);
      const tr = el("tr");
      tr.append(td);
      body.append(tr);
    }
    table.append(head(data, state, render, selected, send), body);
    box.append(table);
    const before = parentElement.querySelector(".cd-table");
    const top = before?.scrollTop ?? 0;
    if (before) before.replaceWith(box);
    else parentElement.append(box);
    box.scrollTop = top;
  };
  render();
}
