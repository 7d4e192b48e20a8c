// Keys for reviewers. Everything that they do can be done without this file.
(() => {
  "use strict";

  const rows = [...document.querySelectorAll("[data-row]")];
  const help = document.getElementById("keys");
  const decide = document.querySelector("[data-decide]");
  const reason = decide && decide.querySelector("textarea");
  let chosen = -1;

  const go = (selector) => {
    const link = document.querySelector(selector);
    if (link) link.click();
    return Boolean(link);
  };

  // The row's link takes the focus, so that a screen reader says where one is.
  const choose = (row) => {
    if (row < 0 || row >= rows.length) return;
    if (chosen >= 0) rows[chosen].classList.remove("chosen");
    chosen = row;
    rows[row].classList.add("chosen");
    rows[row].querySelector("a").focus();
    rows[row].scrollIntoView({ block: "nearest" });
  };

  const pick = (key) => {
    const choice = decide && decide.querySelector(`[data-key="${key}"]`);
    if (!choice) return false;
    choice.checked = true;
    reason.focus();
    return true;
  };

  const next = () => (rows.length ? choose(chosen + 1) : go("[data-next]"));
  const previous = () => (rows.length ? choose(chosen - 1) : go("[data-previous]"));
  const openRow = () => chosen >= 0 && rows[chosen].querySelector("a").click();
  const showHelp = () => help.showModal();

  const keys = {
    j: next,
    k: previous,
    o: openRow,
    u: () => go("[data-up]"),
    c: () => pick("c"),
    d: () => pick("d"),
    m: () => pick("m"),
    "?": showHelp,
  };

  document.addEventListener("keydown", (event) => {
    const writes = event.target.closest("input:not([type=radio]), textarea, select");
    if (writes) {
      if (event.target === reason && event.key === "Enter" && event.ctrlKey) {
        event.preventDefault();
        decide.requestSubmit();
      } else if (event.key === "Escape") {
        event.target.blur();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const does = keys[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  });

  for (const button of document.querySelectorAll(".keys-help")) {
    button.hidden = false;
    button.addEventListener("click", showHelp);
  }
})();
