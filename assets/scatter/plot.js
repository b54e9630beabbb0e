// One picture: canvas, labels, pointer and keys. Several pictures of a group share tool, point size and hidden types.
const groups = new Map();
const plots = new Map();
const waiting = new Map();

function group(name) {
  if (!groups.has(name)) groups.set(name, { mode: null, size: null, hidden: new Set(), members: new Set() });
  return groups.get(name);
}

function regroup(shared) {
  for (const member of shared.members) member.refresh();
}

const node = (tag, name, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
};

const svg = (tag, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const rgba = (hex, alpha) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).concat(Math.round(255 * alpha));

class Plot {
  constructor(parent) {
    this.root = node("div", "cd-scatter");
    this.frame = node("div", "cd-scatter-frame");
    this.frame.tabIndex = 0;
    this.canvas = node("canvas");
    this.overlay = svg("svg", { class: "cd-scatter-overlay" });
    this.tip = node("div", "cd-scatter-tip");
    this.tip.hidden = true;
    this.tools = node("div", "cd-scatter-tools");
    this.foot = node("div", "cd-scatter-foot");
    this.frame.append(this.canvas, this.overlay, this.tip, this.tools);
    this.root.append(this.frame, this.foot);
    parent.append(this.root);
    this.painter = new Painter(this.canvas);
    this.canvas.addEventListener("webglcontextlost", () => this.fail("The picture was given up by the browser. Reload the page."));
    this.listen();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.frame);
  }

  fail(text) {
    this.root.replaceChildren(node("div", "cd-notebar cd-failed", text));
  }

  show(data, send) {
    this.send = send;
    this.data = data;
    this.name = data.name;
    this.frame.style.height = `${data.height}px`;
    this.frame.role = "application";
    this.frame.ariaLabel = data.description;
    if (this.token !== data.token) {
      const column = (table, name) => table?.getChild(name)?.toArray();
      this.token = data.token;
      this.x = column(data.points, "x");
      this.y = column(data.points, "y");
      this.codes = column(data.points, "code");
      this.values = column(data.points, "value");
      this.hover = data.hover;
      this.n = this.x.length;
      this.mask = null;
      this.painter.points(this.x, this.y, this.codes, this.values);
      const fresh = new View(this.x, this.y);
      if (this.view && String(fresh.box) === String(this.view.box)) {
        fresh.index = this.view.index;
        const { width, height, k, whole, cx, cy } = this.view;
        Object.assign(fresh, { width, height, k, whole, cx, cy });
      } else this.lasso = null;
      this.view = fresh;
    }
    this.shared?.members.delete(this);
    this.shared = group(data.group);
    this.shared.members.add(this);
    this.shared.mode ??= data.mode;
    this.drawTools();
    this.drawFoot();
    this.resize();
  }

  layer(data) {
    const mask = data.mask?.getChild("chosen")?.toArray();
    this.mask = mask && mask.length === this.n ? mask : null;
    this.painter.choose(this.mask);
    this.weak = data.weak;
    this.opacity = data.opacity;
    this.given = data.size;
    if (data.lasso !== this.cleared) {
      this.cleared = data.lasso;
      this.lasso = null;
    }
    this.refresh();
  }

  get dark() {
    return getComputedStyle(this.root).colorScheme === "dark";
  }

  refresh() {
    if (!this.view?.whole) return;
    const style = getComputedStyle(this.root);
    const read = (name) => {
      const probe = this.probe ?? (this.probe = this.root.appendChild(node("i", "cd-scatter-probe")));
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    this.ink = { panel: read("--cd-panel"), text: read("--cd-text"), muted: read("--cd-muted"), font: style.fontFamily };
    const shades = this.dark ? this.data.colours.dark : this.data.colours.light;
    const opacity = this.opacity ?? 1;
    const alpha = (index) => (this.data.numeric || !this.shared.hidden.has(this.data.labels[index]) ? opacity : 0);
    this.shades = shades.fill;
    this.painter.colours(shades.fill.map((c, i) => rgba(c, alpha(i))), shades.rim.map((c, i) => rgba(c, alpha(i))));
    this.frame.dataset.mode = this.shared.mode;
    this.paint();
    this.drawOverlay();
    for (const item of this.foot.querySelectorAll("button[data-label]"))
      item.ariaPressed = String(!this.shared.hidden.has(item.dataset.label));
    for (const item of this.tools.querySelectorAll("button[data-mode]"))
      item.ariaPressed = String(item.dataset.mode === this.shared.mode);
  }

  resize() {
    const { clientWidth, clientHeight } = this.frame;
    if (!this.view || !clientWidth || !clientHeight) return;
    this.view.resize(clientWidth, clientHeight);
    this.refresh();
  }

  pointSize() {
    const chosen = this.shared.size ?? this.given ?? Math.min(5, Math.max(1.3, 260 / Math.sqrt(this.n)));
    return Math.min(chosen * Math.sqrt(Math.max(1, this.view.zoom)), Math.max(chosen, 14));
  }

  paint(ratio = devicePixelRatio) {
    const width = Math.round(this.view.width * ratio);
    const height = Math.round(this.view.height * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    this.painter.paint({
      width,
      height,
      ...this.view.clip(),
      size: this.pointSize() * ratio,
      numeric: this.data.numeric,
      limits: this.data.limits,
      weak: this.weak ?? 0.25,
      panel: this.ink.panel.match(/[\d.]+/g).slice(0, 3).map((v) => v / 255),
    });
    this.root.dataset.painted = this.token;
  }

  later() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = null;
      this.paint();
      this.drawOverlay();
    });
  }

  seen(i) {
    return this.data.numeric || !this.codes || !this.shared.hidden.has(this.data.labels[this.codes[i]]);
  }

  colourOf(i) {
    if (!this.data.numeric) return this.shades[this.codes ? this.codes[i] : 0];
    const [low, high] = this.data.limits;
    return this.shades[Math.round(255 * Math.min(1, Math.max(0, (this.values[i] - low) / Math.max(high - low, 1e-12))))];
  }

  // Centroid names and the caption, in pixels.
  words() {
    const named = (this.data.names ?? [])
      .filter(({ text }) => !this.shared.hidden.has(text))
      .map(({ text, x, y, reach }) => {
        const [px, middle] = this.view.toPixel(x, y);
        // a name that would hide its few cells stands above them
        const up = reach * this.view.k;
        const py = up < 9 ? Math.max(middle - up - 13, Math.min(middle, 9)) : middle;
        return { text, x: px, y: py, anchor: "middle", size: 13, weight: 600, colour: this.ink.text, halo: true };
      });
    const placed = apart(named, this.view.width, this.view.height, this.ink.font);
    const caption = { text: this.data.caption, x: 12, y: this.view.height - 12, anchor: "start", size: 12, weight: 400, colour: this.ink.muted };
    return this.data.caption ? [...placed, caption] : placed;
  }

  drawOverlay() {
    const made = this.words().map(({ text, x, y, anchor, size, weight, colour, halo }) => {
      const word = svg("text", {
        x, y: y + size * 0.35, "text-anchor": anchor, "font-size": size, "font-weight": weight, fill: colour,
        ...(halo ? { stroke: this.ink.panel, "stroke-width": 4, "paint-order": "stroke", "stroke-linejoin": "round" } : {}),
      });
      word.textContent = text;
      return word;
    });
    if (this.lasso?.length > 1) {
      const corners = this.lasso.map(([x, y]) => this.view.toPixel(x, y).map((v) => v.toFixed(1)).join(","));
      made.unshift(svg("polygon", { points: corners.join(" "), class: "cd-scatter-lasso" }));
    }
    this.overlay.replaceChildren(...made);
  }
}
