// What Streamlit calls: on mounting, and again whenever the data or the theme change.
export default function ({ data, parentElement }) {
  try {
    const replay = (parentElement.celldesk ??= new Replay(parentElement));
    replay.show(data);
    replay.plot.refresh();
    return () => {
      replay.pause();
      replay.plot.observer.disconnect();
      replay.plot.painter.release();
    };
  } catch (problem) {
    parentElement.replaceChildren(node("div", "cd-notebar cd-failed", problem.message));
    return undefined;
  }
}
