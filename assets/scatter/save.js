// Saving a picture: PNG at twice the resolution, or SVG (points as circles while they are few, else as an image).
const VECTOR_LIMIT = 30000;

function download(name, href) {
  const link = document.createElement("a");
  link.download = name;
  link.href = href;
  link.click();
  if (href.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

function savePng(plot) {
  const ratio = Math.max(2, devicePixelRatio);
  const { width, height } = plot.view;
  const page = document.createElement("canvas");
  page.width = width * ratio;
  page.height = height * ratio;
  const ink = page.getContext("2d");
  ink.fillStyle = plot.ink.panel;
  ink.fillRect(0, 0, page.width, page.height);
  plot.paint(ratio);
  ink.drawImage(plot.canvas, 0, 0, page.width, page.height);
  ink.scale(ratio, ratio);
  for (const { text, x, y, anchor, size, weight, colour, halo } of plot.words()) {
    ink.font = `${weight} ${size}px "Source Sans", sans-serif`;
    ink.textAlign = anchor === "middle" ? "center" : "left";
    ink.textBaseline = "middle";
    ink.lineJoin = "round";
    if (halo) {
      ink.strokeStyle = plot.ink.panel;
      ink.lineWidth = 4;
      ink.strokeText(text, x, y);
    }
    ink.fillStyle = colour;
    ink.fillText(text, x, y);
  }
  plot.paint();
  download(`${plot.name}.png`, page.toDataURL("image/png"));
}

function saveSvg(plot) {
  const { width, height } = plot.view;
  const safe = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Source Sans, Arial, sans-serif">`,
    `<rect width="100%" height="100%" fill="${plot.ink.panel}"/>`,
  ];
  if (plot.n <= VECTOR_LIMIT) {
    const radius = (plot.pointSize() / 2).toFixed(2);
    for (const pass of plot.mask ? [0, 1] : [-1])
      for (let i = 0; i < plot.n; i++) {
        if (!plot.seen(i) || (pass >= 0 && plot.mask[i] !== pass)) continue;
        const [x, y] = plot.view.toPixel(plot.x[i], plot.y[i]);
        const alpha = plot.opacity * (pass === 0 ? plot.weak : 1);
        parts.push(`<circle cx="${x.toFixed(2)}" cy="${y.toFixed(2)}" r="${radius}" fill="${plot.colourOf(i)}" fill-opacity="${alpha.toFixed(2)}"/>`);
      }
  } else {
    plot.paint(2);
    parts.push(`<image width="${width}" height="${height}" href="${plot.canvas.toDataURL("image/png")}"/>`);
    plot.paint();
  }
  for (const { text, x, y, anchor, size, weight, colour, halo } of plot.words()) {
    const rim = halo ? ` stroke="${plot.ink.panel}" stroke-width="4" paint-order="stroke" stroke-linejoin="round"` : "";
    parts.push(
      `<text x="${x.toFixed(1)}" y="${(y + size * 0.35).toFixed(1)}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="${colour}"${rim}>${safe(text)}</text>`,
    );
  }
  parts.push("</svg>");
  download(`${plot.name}.svg`, URL.createObjectURL(new Blob([parts.join("\n")], { type: "image/svg+xml" })));
}
