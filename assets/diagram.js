// Shows the drawing that the server made, answers clicks on bars, and saves it with its colours written out.
const WORDS = {
  "cd-count": "font-weight:600;font-size:14px", "cd-name": "font-size:12px", "cd-quiet": "font-size:12px",
  "cd-head": "font-weight:600;font-size:12px", "cd-mono-word": "font-size:12px;font-family:monospace",
};

function saved(svg) {
  const copy = svg.cloneNode(true);
  const style = getComputedStyle(svg);
  const plain = (value) => value.replace(/var\((--[\w-]+)\)/g, (_, name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    svg.parentElement.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  });
  for (const shape of copy.querySelectorAll("[fill], [stroke]"))
    for (const name of ["fill", "stroke"]) if (shape.hasAttribute(name)) shape.setAttribute(name, plain(shape.getAttribute(name)));
  for (const word of copy.querySelectorAll("text")) {
    const quiet = word.classList.contains("cd-quiet") || word.classList.contains("cd-mono-word");
    word.setAttribute("style", WORDS[word.getAttribute("class")] ?? "");
    word.setAttribute("fill", plain(quiet ? "var(--cd-muted)" : "var(--cd-text)"));
  }
  copy.setAttribute("font-family", style.fontFamily.replaceAll('"', ""));
  return new XMLSerializer().serializeToString(copy);
}

export default function ({ data, parentElement, setStateValue }) {
  const box = document.createElement("div");
  box.className = "cd-diagram-box";
  box.innerHTML = data.svg; // made by the server, every word escaped there
  const svg = box.querySelector("svg");
  for (const bar of box.querySelectorAll(".cd-layer")) {
    bar.onclick = () => setStateValue("layer", Number(bar.dataset.row));
    bar.onkeydown = (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), bar.onclick());
  }
  const save = document.createElement("button");
  save.type = "button";
  save.className = "cd-tools-fit cd-diagram-save";
  save.append(Object.assign(document.createElement("span"), { className: "cd-icon", textContent: "download" }), " Save SVG");
  save.onclick = () => {
    const link = document.createElement("a");
    link.download = `${data.name}.svg`;
    link.href = URL.createObjectURL(new Blob([saved(svg)], { type: "image/svg+xml" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  if (data.name) box.append(save);
  const had = parentElement.querySelector(".cd-layer:focus")?.dataset.row;
  parentElement.replaceChildren(box);
  if (had !== undefined) box.querySelector(`[data-row="${had}"]`)?.focus();
}
