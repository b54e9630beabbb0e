// A replay: one picture whose points move from frame to frame, with its own controls; nothing is sent to the server.
const SECONDS_A_FRAME = 0.25;
const LONGEST = 12;
const THROUGH = { known: "Known type", called: "Called type", probability: "Probability" };
const PLAY = "M4 2 L14 8 L4 14 Z";
const PAUSE = "M3 2 H7 V14 H3 Z M9 2 H13 V14 H9 Z";
const PART_WORDS = { reference: "Reference", query: "Query", mixtures: "Mixtures" };

const unpacked = (text, kind) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new kind(bytes.buffer);
};

const columns = (named) => ({ getChild: (name) => (named[name] ? { toArray: () => named[name] } : null) });

class Replay {
  constructor(parent) {
    this.root = parent.appendChild(node("div", "cd-replay"));
    this.head = this.root.appendChild(node("div", "cd-replay-head"));
    this.picture = this.root.appendChild(node("div", "cd-replay-picture"));
    this.foot = this.root.appendChild(node("div", "cd-replay-foot"));
    this.plot = new Plot(this.picture);
    this.moment = 0;
    this.following = true;
    this.controls();
  }

  controls() {
    this.play = node("button", "cd-replay-play");
    this.play.type = "button";
    this.play.onclick = () => (this.playing ? this.pause() : this.start());
    this.setPlaying(false);
    this.slider = node("input");
    Object.assign(this.slider, { type: "range", min: "0", step: "0.01", ariaLabel: "Moment of training" });
    this.slider.oninput = () => {
      this.pause();
      this.go(Number(this.slider.value));
    };
    this.slider.onchange = () => this.go(Math.round(Number(this.slider.value)));
    this.words = node("span", "cd-replay-words");
    this.words.ariaLive = "off";
    this.foot.append(this.play, this.slider, this.words);
  }

  show(data) {
    const before = this.data;
    const same = before && before.x === data.x && before.height === data.height && before.called === data.called;
    this.data = data;
    if (same) return;
    this.n = data.cells;
    this.frames = data.epochs.length;
    const grid = (text) => Float32Array.from(unpacked(text, Int16Array), (value) => value / data.steps);
    this.xs = grid(data.x);
    this.ys = grid(data.y);
    this.part = unpacked(data.part, Uint8Array);
    this.codes = { known: data.known && unpacked(data.known, Uint16Array), called: data.called && unpacked(data.called, Uint16Array) };
    this.shares = data.probability && Float32Array.from(unpacked(data.probability, Uint8Array), (value) => value / 255);
    const kinds = Object.keys(THROUGH).filter((kind) => this.codes[kind] || (kind === "probability" && this.shares));
    this.kind = [this.kind, data.kind, ...kinds].find((kind) => kinds.includes(kind));
    this.chosen = data.parts.includes(this.chosen) ? this.chosen : null;
    this.drawHead(kinds);
    this.slider.max = String(this.frames - 1);
    // a run that goes on shows its newest moment; one that has ended, the network that was kept
    const kept = data.epochs.indexOf(data.kept);
    if (this.following) this.moment = kept >= 0 ? kept : this.frames - 1;
    this.moment = Math.min(this.moment, this.frames - 1);
    this.redraw();
  }

  drawHead(kinds) {
    const choice = (name, options, now, act) => {
      const box = node("div", "cd-segments");
      box.role = "group";
      box.ariaLabel = name;
      for (const [value, title] of options) {
        const button = box.appendChild(node("button", "", title));
        button.type = "button";
        button.ariaPressed = String(value === now);
        button.onclick = () => {
          act(value);
          this.drawHead(kinds);
          this.redraw();
        };
      }
      return box;
    };
    const parts = this.data.parts.length > 1 ? [[null, "All"], ...this.data.parts.map((name) => [name, PART_WORDS[name] ?? name])] : [];
    const made = [];
    if (kinds.length > 1) made.push(choice("Colour", kinds.map((kind) => [kind, THROUGH[kind]]), this.kind, (kind) => (this.kind = kind)));
    if (parts.length) made.push(choice("Cells", parts, this.chosen, (part) => (this.chosen = part)));
    this.head.hidden = !made.length;
    this.head.replaceChildren(...made);
  }

  // The picture anew: other cells, other colours or another size.
  redraw() {
    const wanted = this.data.parts.indexOf(this.chosen);
    this.rows = Int32Array.from({ length: this.n }, (_, row) => row).filter((row) => wanted < 0 || this.part[row] === wanted);
    const numeric = this.kind === "probability";
    const n = this.rows.length;
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    this.colour = numeric ? new Float32Array(n) : new Uint16Array(n);
    this.fill();
    const plain = { light: { fill: ["#B4BEC7"], rim: ["#B4BEC7"] }, dark: { fill: ["#4A5763"], rim: ["#4A5763"] } };
    this.plot.send = () => {};
    this.plot.show(
      {
        name: this.data.name, group: this.data.name, height: this.data.height, mode: "pan", tools: false, legend: !numeric && this.kind !== undefined,
        token: `${this.kind}/${this.chosen}/${this.frames}/${this.data.height}/${Math.random()}`,
        points: columns({ x: this.x, y: this.y, code: this.kind && !numeric ? this.colour : null, value: numeric ? this.colour : null }),
        labels: this.data.labels, colours: this.kind === undefined ? plain : numeric ? this.data.ramp : this.data.colours,
        numeric, colour: numeric ? "Probability" : "", limits: [0, 1], names: [], caption: this.data.caption,
        description: `Replay of ${n} cells in ${this.frames} frames`,
      },
      () => {},
    );
    // the same frame for every moment, so that only the points move
    Object.assign(this.plot.view, { box: this.data.window, whole: 0, index: null });
    this.plot.resize();
    this.say();
  }

  // Positions and colours of this moment: between two frames the points lie between their places, colours change halfway.
  fill() {
    const first = Math.floor(this.moment);
    const second = Math.min(first + 1, this.frames - 1);
    const share = this.moment - first;
    const [a, b, nearest] = [first * this.n, second * this.n, (share < 0.5 ? first : second) * this.n];
    const source = this.kind === "probability" ? this.shares : this.codes[this.kind];
    const from = this.kind === "known" ? 0 : nearest;
    for (let at = 0; at < this.rows.length; at++) {
      const row = this.rows[at];
      this.x[at] = this.xs[a + row] + share * (this.xs[b + row] - this.xs[a + row]);
      this.y[at] = this.ys[a + row] + share * (this.ys[b + row] - this.ys[a + row]);
      if (source) this.colour[at] = source[from + row];
    }
  }

  go(moment) {
    this.moment = moment;
    this.following = moment >= this.frames - 1;
    this.fill();
    const { plot } = this;
    if (plot.view) plot.view.index = null;
    plot.tip.hidden = true;
    const numeric = this.kind === "probability";
    plot.painter.points(this.x, this.y, this.kind && !numeric ? this.colour : null, numeric ? this.colour : null);
    plot.later();
    this.say();
  }

  say() {
    const epoch = this.data.epochs[Math.round(this.moment)];
    const kept = epoch === this.data.kept ? ", kept" : "";
    this.words.textContent = epoch ? `After epoch ${epoch}${kept}` : "Before training";
    this.slider.value = String(this.moment);
    this.slider.ariaValueText = this.words.textContent;
    this.root.dataset.epoch = String(epoch);
  }

  start() {
    if (this.moment >= this.frames - 1) this.go(0);
    this.setPlaying(true);
    const speed = Math.max(1 / SECONDS_A_FRAME, (this.frames - 1) / LONGEST) / 1000;
    let last = performance.now();
    const step = (now) => {
      if (!this.playing || !this.root.isConnected) return;
      const next = Math.min(this.moment + speed * (now - last), this.frames - 1);
      last = now;
      this.go(next);
      if (next >= this.frames - 1) this.pause();
      else requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  pause() {
    this.setPlaying(false);
  }

  setPlaying(on) {
    this.playing = on;
    this.play.title = this.play.ariaLabel = on ? "Pause" : "Play";
    const drawing = svg("svg", { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" });
    drawing.append(svg("path", { d: on ? PAUSE : PLAY, fill: "currentColor" }));
    this.play.replaceChildren(drawing);
  }
}
