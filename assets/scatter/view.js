// Where things lie: data to pixels and back, and the nearest point under the pointer.
class View {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < x.length; i++) {
      if (x[i] < left) left = x[i];
      if (x[i] > right) right = x[i];
      if (y[i] < low) low = y[i];
      if (y[i] > high) high = y[i];
    }
    this.box = left <= right ? [left, right, low, high] : [0, 1, 0, 1];
    this.width = this.height = 1;
    this.index = null;
  }

  fit() {
    const [left, right, low, high] = this.box;
    const room = 0.94;
    this.k = room * Math.min(this.width / Math.max(right - left, 1e-9), this.height / Math.max(high - low, 1e-9));
    this.whole = this.k;
    this.cx = (left + right) / 2;
    this.cy = (low + high) / 2;
  }

  resize(width, height) {
    const first = !this.whole;
    const zoom = first ? 1 : this.k / this.whole;
    const [cx, cy] = [this.cx, this.cy];
    Object.assign(this, { width, height });
    this.fit();
    if (!first) Object.assign(this, { k: this.whole * zoom, cx, cy });
  }

  get zoom() {
    return this.k / this.whole;
  }

  toPixel(x, y) {
    return [this.width / 2 + (x - this.cx) * this.k, this.height / 2 - (y - this.cy) * this.k];
  }

  toData(px, py) {
    return [this.cx + (px - this.width / 2) / this.k, this.cy - (py - this.height / 2) / this.k];
  }

  pan(dx, dy) {
    this.cx -= dx / this.k;
    this.cy += dy / this.k;
  }

  zoomAt(px, py, factor) {
    const [x, y] = this.toData(px, py);
    this.k = Math.min(Math.max(this.k * factor, this.whole * 0.5), this.whole * 400);
    this.cx = x - (px - this.width / 2) / this.k;
    this.cy = y + (py - this.height / 2) / this.k;
  }

  clip() {
    const scale = [(2 * this.k) / this.width, (2 * this.k) / this.height];
    return { scale, offset: [-this.cx * scale[0], -this.cy * scale[1]] };
  }

  // A grid over the data, built when the pointer first rests on the picture: cell -> its points.
  buildIndex() {
    const n = this.x.length;
    const side = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 4))));
    const [left, right, low, high] = this.box;
    const sx = side / Math.max(right - left, 1e-9);
    const sy = side / Math.max(high - low, 1e-9);
    const at = (i) =>
      Math.min(side - 1, Math.floor((this.x[i] - left) * sx)) + side * Math.min(side - 1, Math.floor((this.y[i] - low) * sy));
    const starts = new Int32Array(side * side + 1);
    for (let i = 0; i < n; i++) starts[at(i) + 1]++;
    for (let i = 0; i < side * side; i++) starts[i + 1] += starts[i];
    const filled = starts.slice();
    const members = new Int32Array(n);
    for (let i = 0; i < n; i++) members[filled[at(i)]++] = i;
    this.index = { side, sx, sy, starts, members };
  }

  nearest(px, py, reach, seen) {
    if (!this.index) this.buildIndex();
    const { side, sx, sy, starts, members } = this.index;
    const [left, , low] = this.box;
    const [x, y] = this.toData(px, py);
    const r = reach / this.k;
    const clamp = (v) => Math.min(side - 1, Math.max(0, Math.floor(v)));
    const [c0, c1] = [clamp((x - r - left) * sx), clamp((x + r - left) * sx)];
    const [r0, r1] = [clamp((y - r - low) * sy), clamp((y + r - low) * sy)];
    let best = -1;
    let distance = r * r;
    for (let row = r0; row <= r1; row++)
      for (let i = starts[row * side + c0]; i < starts[row * side + c1 + 1]; i++) {
        const p = members[i];
        const d = (this.x[p] - x) ** 2 + (this.y[p] - y) ** 2;
        if (d <= distance && seen(p)) [best, distance] = [p, d];
      }
    return best;
  }
}

// At most `most` corners, each at least three pixels from the last; the server gets about a kilobyte.
function simplified(path, most = 64) {
  const kept = path.filter((p, i) => i === 0 || Math.hypot(p[0] - path[i - 1][0], p[1] - path[i - 1][1]) > 0);
  const step = Math.max(1, kept.length / most);
  const corners = [];
  for (let i = 0; i < kept.length; i += step) corners.push(kept[Math.floor(i)]);
  return corners;
}

// Names that would lie on each other move up or down by whole lines and stay in the frame; one without room is left to the legend.
const LINES = [0, 1, -1, 2, -2, 3, -3];
const ruler = document.createElement("canvas").getContext("2d");

function apart(names, width, height, font) {
  const placed = [];
  for (const name of names) {
    ruler.font = `${name.weight} ${name.size}px ${font}`;
    const half = ruler.measureText(name.text).width / 2 + 3;
    const inside = name.x > 0 && name.x < width && name.y > 0 && name.y < height;
    const x = inside ? Math.min(Math.max(name.x, half), Math.max(half, width - half)) : name.x;
    const free = (y) => placed.every((other) => Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) >= name.size + 2);
    const line = LINES.find((step) => free(name.y + step * (name.size + 3)));
    if (line !== undefined) placed.push({ ...name, x, y: name.y + line * (name.size + 3), half });
  }
  return placed;
}
