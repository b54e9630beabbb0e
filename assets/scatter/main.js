// What Streamlit calls: on mounting, and again whenever the data or the theme change.
export default function ({ data, parentElement, setTriggerValue }) {
  const say = (problem) => parentElement.replaceChildren(node("div", "cd-notebar cd-failed", problem.message));
  try {
    if (data.role === "layer") {
      const plot = plots.get(data.name);
      if (plot?.view) plot.layer(data);
      else waiting.set(data.name, data);
      return undefined;
    }
    const kinds = { points: Plot, legend: Legend, tools: Tools };
    const part = (parentElement.celldesk ??= new kinds[data.role](parentElement));
    part.show(data, setTriggerValue);
    if (data.role === "points") {
      plots.set(data.name, part);
      if (waiting.has(data.name)) part.layer(waiting.get(data.name));
      waiting.delete(data.name);
    }
    return () => {
      part.shared?.members.delete(part);
      part.observer?.disconnect();
      part.painter?.release();
      if (plots.get(data.name) === part) plots.delete(data.name);
    };
  } catch (problem) {
    say(problem);
    return undefined;
  }
}
