// A place to drop a file, or to choose one; the file goes straight to the server's disk.
const TOKEN = "_streamlit_xsrf";

const make = (tag, name, text) => {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
};

const token = () => document.cookie.split("; ").find((part) => part.startsWith(`${TOKEN}=`))?.slice(TOKEN.length + 1) ?? "";
const readable = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`);

export default function ({ data, parentElement, setTriggerValue }) {
  const state = (parentElement.celldesk ??= { sending: null });
  const box = make("div", "cd-drop");
  const idle = () => {
    const input = make("input");
    Object.assign(input, { type: "file", accept: data.accept, hidden: true });
    const choose = make("button", "cd-tools-fit", data.label);
    choose.type = "button";
    choose.onclick = () => input.click();
    input.onchange = () => input.files[0] && send(input.files[0]);
    box.replaceChildren(make("span", "cd-icon", "upload"), make("span", "", "Drop a file here, or"), choose, input, make("span", "cd-muted", data.hint));
  };
  const refuse = (problem) => {
    const note = make("div", "cd-notebar cd-failed");
    note.role = "alert";
    note.append(make("b", "", problem.what), problem.value ? ` Got ${problem.value}. ` : " ", problem.remedy ?? "");
    const again = make("button", "cd-tools-fit", "Try again");
    again.type = "button";
    again.onclick = idle;
    box.replaceChildren(note, again);
  };
  const send = (file) => {
    const request = new XMLHttpRequest();
    state.sending = request;
    const bar = make("div", "cd-track");
    const filled = bar.appendChild(make("div"));
    const words = make("span", "cd-muted", readable(file.size));
    const cancel = make("button", "cd-tools-fit", "Cancel");
    cancel.type = "button";
    cancel.onclick = () => request.abort();
    box.replaceChildren(make("b", "", file.name), bar, words, cancel);
    request.upload.onprogress = ({ loaded, total }) => {
      filled.style.width = `${(100 * loaded) / total}%`;
      words.textContent = `${readable(loaded)} of ${readable(total)}`;
    };
    const ended = (act) => () => {
      state.sending = null;
      act();
    };
    request.onload = ended(() => {
      const answer = JSON.parse(request.responseText || "{}");
      if (request.status !== 201) return refuse({ what: "The file was refused.", ...answer });
      idle();
      setTriggerValue("uploaded", answer);
    });
    request.onerror = ended(() => refuse({ what: "The connection broke off.", remedy: "Check that CellDesk still runs." }));
    request.onabort = ended(idle);
    request.open("PUT", `${data.address}${encodeURIComponent(file.name)}`);
    request.setRequestHeader("X-Xsrftoken", token());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  };
  box.ondragover = (event) => {
    event.preventDefault();
    box.classList.add("cd-over");
  };
  box.ondragleave = () => box.classList.remove("cd-over");
  box.ondrop = (event) => {
    event.preventDefault();
    box.classList.remove("cd-over");
    if (!state.sending && event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
  };
  if (!state.sending) {
    idle();
    parentElement.replaceChildren(box);
  }
  return () => state.sending?.abort();
}
