// Pointer and keys of a picture: pan, zoom, lasso, box, hover and click.
const CLICK_REACH = 4;

Plot.prototype.listen = function () {
  const at = (event) => {
    const box = this.frame.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  this.frame.addEventListener("pointerdown", (event) => {
    if (event.target.closest(".cd-scatter-tools") || !this.view) return;
    const mode = event.button === 1 || event.shiftKey ? "pan" : this.shared.mode;
    this.drag = { mode, start: at(event), last: at(event), path: [this.view.toData(...at(event))], moved: false };
    this.frame.setPointerCapture(event.pointerId);
    this.tip.hidden = true;
  });
  this.frame.addEventListener("pointermove", (event) => {
    if (!this.drag) return this.rest(at(event));
    const now = at(event);
    const { last, start } = this.drag;
    if (Math.hypot(now[0] - start[0], now[1] - start[1]) > CLICK_REACH) this.drag.moved = true;
    if (!this.drag.moved) return;
    if (this.drag.mode === "pan") {
      this.view.pan(now[0] - last[0], now[1] - last[1]);
      this.drag.last = now;
      return this.later();
    }
    if (this.drag.mode === "box") this.lasso = this.corners(start, now);
    else if (Math.hypot(now[0] - last[0], now[1] - last[1]) >= 3) {
      this.drag.path.push(this.view.toData(...now));
      this.drag.last = now;
      this.lasso = this.drag.path;
    }
    this.drawOverlay(); // the points stand still while an outline is drawn
  });
  this.frame.addEventListener("pointerup", (event) => {
    const drag = this.drag;
    this.drag = null;
    if (!drag) return;
    if (!drag.moved) return this.click(at(event));
    if (drag.mode !== "pan" && this.lasso?.length > 2) this.answer(drag.mode);
  });
  this.frame.addEventListener("pointercancel", () => (this.drag = null));
  this.frame.addEventListener("pointerleave", () => {
    clearTimeout(this.resting);
    this.tip.hidden = true;
  });
  this.frame.addEventListener("dblclick", () => this.fit());
  this.frame.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      this.view.zoomAt(...at(event), Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)));
      this.later();
    },
    { passive: false },
  );
  this.frame.addEventListener("keydown", (event) => this.key(event));
};

Plot.prototype.corners = function (a, b) {
  return [[a[0], a[1]], [b[0], a[1]], [b[0], b[1]], [a[0], b[1]]].map((corner) => this.view.toData(...corner));
};

// The rounded polygon is all that goes to the server, which decides who is inside.
Plot.prototype.answer = function (mode) {
  const digits = Math.max(0, Math.min(12, Math.ceil(Math.log10(10 * this.view.k))));
  const corners = mode === "box" ? this.lasso : simplified(this.lasso);
  this.lasso = corners.map((corner) => corner.map((v) => Number(v.toFixed(digits))));
  this.drawOverlay();
  this.send("lasso", this.lasso);
};

Plot.prototype.click = function (place) {
  if (this.lasso) {
    this.lasso = null;
    this.drawOverlay();
    this.send("lasso", []);
    return;
  }
  const found = this.view.nearest(...place, 8, (i) => this.seen(i));
  if (found >= 0) this.send("clicked", found);
};

Plot.prototype.fit = function () {
  this.view.fit();
  this.later();
};

Plot.prototype.key = function (event) {
  const step = 40;
  const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  const middle = [this.view.width / 2, this.view.height / 2];
  if (moves[event.key]) this.view.pan(...moves[event.key]);
  else if (event.key === "+" || event.key === "=") this.view.zoomAt(...middle, 1.25);
  else if (event.key === "-") this.view.zoomAt(...middle, 0.8);
  else if (event.key === "0") this.view.fit();
  else if (event.key === "Escape" && this.lasso) {
    this.lasso = null;
    this.send("lasso", []);
  } else return;
  event.preventDefault();
  this.later();
};

Plot.prototype.rest = function (place) {
  clearTimeout(this.resting);
  this.resting = setTimeout(() => {
    const found = this.view ? this.view.nearest(...place, 7, (i) => this.seen(i)) : -1;
    this.tip.hidden = found < 0;
    if (found < 0) return;
    const lines = [];
    if (this.codes) lines.push(["", this.data.labels[this.codes[found]]]);
    else if (this.values) lines.push([this.data.colour, Number(this.values[found].toPrecision(3))]);
    for (const field of this.hover?.schema?.fields ?? []) lines.push([field.name, this.hover.getChild(field.name)?.get(found)]);
    if (!lines.length) lines.push(["Cell", found + 1]);
    this.tip.replaceChildren(...lines.map(([name, value]) => node("div", "", name ? `${name}: ${value}` : String(value))));
    const right = place[0] > this.view.width * 0.6;
    this.tip.style.left = right ? "" : `${place[0] + 12}px`;
    this.tip.style.right = right ? `${this.view.width - place[0] + 12}px` : "";
    this.tip.style.top = `${Math.min(place[1] + 12, this.view.height - 20 * lines.length - 16)}px`;
  }, 60);
};
