// PNG and SVG of a chart: the buttons press plotly's own camera, told which format to write.
export default function ({ data, parentElement }) {
  const button = (icon, title, format) => {
    const made = document.createElement("button");
    made.className = "cd-scatter-button";
    made.type = "button";
    made.title = made.ariaLabel = title;
    const symbol = document.createElement("span");
    symbol.className = "cd-icon";
    symbol.textContent = icon;
    made.append(symbol);
    made.onclick = () => {
      const chart = parentElement.closest(`.st-key-figure-${data.key}`)?.querySelector(".js-plotly-plot");
      if (!chart?._context) return;
      chart._context.toImageButtonOptions.format = format;
      chart.querySelector('.modebar-btn[data-title*="Download plot"]')?.click();
    };
    return made;
  };
  const row = document.createElement("div");
  row.className = "cd-figure-buttons";
  row.append(button("photo_camera", "Save as PNG", "png"), button("draw", "Save as SVG", "svg"));
  parentElement.replaceChildren(row);
}
