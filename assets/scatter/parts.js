// Around a picture: its small buttons, legend and colour bar, and the tools and legend that several pictures share.
const MODES = [["pan", "Pan", "pan_tool"], ["lasso", "Lasso", "lasso_select"], ["box", "Box", "select"]];

function iconButton(icon, title, act) {
  const button = node("button", "cd-scatter-button");
  button.type = "button";
  button.title = title;
  button.ariaLabel = title;
  button.append(node("span", "cd-icon", icon));
  button.onclick = act;
  return button;
}

Plot.prototype.drawTools = function () {
  const made = [];
  if (this.data.tools)
    for (const [mode, title, icon] of MODES) {
      const button = iconButton(icon, title, () => {
        this.shared.mode = mode;
        regroup(this.shared);
      });
      button.dataset.mode = mode;
      made.push(button);
    }
  made.push(
    iconButton("photo_camera", "Save as PNG", () => savePng(this)),
    iconButton("draw", "Save as SVG", () => saveSvg(this)),
    iconButton("fit_screen", "Fit all cells into the frame", () => this.fit()),
  );
  this.tools.replaceChildren(...made);
};

Plot.prototype.drawFoot = function () {
  this.foot.replaceChildren();
  if (this.data.numeric && this.data.colour) {
    const bar = node("div", "cd-scatter-bar");
    const ramp = node("span", "cd-scatter-ramp");
    const stops = (theme) => this.data.colours[theme].fill.filter((_, i) => i % 51 === 0).join(",");
    ramp.style.background = `linear-gradient(to right, ${stops(this.dark ? "dark" : "light")})`;
    const span = this.data.limits[1] - this.data.limits[0];
    const [low, high] = this.data.limits.map((v) => String(Math.abs(v) < span / 1e3 ? 0 : Number(v.toPrecision(3))));
    bar.append(node("span", "", this.data.colour), node("span", "", low), ramp, node("span", "", high));
    this.foot.append(bar);
  } else if (this.data.legend) this.foot.append(...legendItems(this.data, this.shared, this.dark));
};

function legendItems(data, shared, dark) {
  return data.labels.map((label, index) => {
    const item = node("button", "cd-legend-item");
    item.type = "button";
    item.dataset.label = label;
    item.ariaPressed = String(!shared.hidden.has(label));
    const square = node("span", "cd-swatch");
    const shades = data.colours[dark ? "dark" : "light"];
    square.style.background = shades.fill[index];
    if (shades.rim[index] !== shades.fill[index]) square.style.boxShadow = `inset 0 0 0 1px ${shades.rim[index]}`;
    item.append(square, label);
    if (data.counts) item.append(" ", node("span", "cd-muted", data.counts[index].toLocaleString("en-GB")));
    item.onclick = () => {
      if (shared.hidden.has(label)) shared.hidden.delete(label);
      else shared.hidden.add(label);
      regroup(shared);
    };
    return item;
  });
}

class Legend {
  constructor(parent) {
    this.root = parent.appendChild(node("div", "cd-legend"));
  }

  show(data) {
    const shared = (this.shared = group(data.group));
    shared.members.add(this);
    const dark = getComputedStyle(this.root).colorScheme === "dark";
    this.root.replaceChildren(...legendItems(data, shared, dark), node("span", "cd-spring"), node("span", "cd-muted", "Click to hide"));
  }

  refresh() {
    for (const item of this.root.querySelectorAll("button[data-label]"))
      item.ariaPressed = String(!this.shared.hidden.has(item.dataset.label));
  }
}

class Tools {
  constructor(parent) {
    this.root = parent.appendChild(node("div", "cd-tools"));
  }

  show(data) {
    const shared = (this.shared = group(data.group));
    shared.members.add(this);
    shared.mode ??= data.mode;
    const modes = node("div", "cd-segments");
    modes.role = "group";
    for (const [mode, title] of MODES) {
      const button = modes.appendChild(node("button", "", title));
      button.type = "button";
      button.dataset.mode = mode;
      button.onclick = () => {
        shared.mode = mode;
        regroup(shared);
      };
    }
    const size = node("label", "cd-tools-size", "Points");
    const range = size.appendChild(node("input"));
    Object.assign(range, { type: "range", min: "1", max: "12", step: "0.5", value: String(shared.size ?? 4) });
    range.ariaLabel = "Point size in pixels";
    range.oninput = () => {
      shared.size = Number(range.value);
      regroup(shared);
    };
    const fit = node("button", "cd-tools-fit", "Fit");
    fit.type = "button";
    fit.onclick = () => shared.members.forEach((member) => member.fit?.());
    this.root.replaceChildren(modes, size, fit);
    this.refresh();
  }

  refresh() {
    for (const button of this.root.querySelectorAll("button[data-mode]"))
      button.ariaPressed = String(button.dataset.mode === this.shared.mode);
  }
}
