// Keys, and small comforts; every page works without this file, too.
"use strict";

const form = document.getElementById("marking");
const field = "input:not([type=checkbox]), textarea, select";

function use(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.matches("summary")) {
    target.click();
    target.scrollIntoView();
  } else if (target.matches(field)) {
    target.closest("details")?.setAttribute("open", "");
    target.focus();
    target.select?.();
  } else {
    target.click();
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches(field);
  const control = event.ctrlKey || event.metaKey;
  if (event.key === "Escape" && typing) {
    event.target.blur();
  } else if (control && event.key === "Enter") {
    if (use(event.shiftKey ? "Ctrl+Shift+Enter" : "Ctrl+Enter")) event.preventDefault();
  } else if (!typing && !control && !event.altKey && event.key.length === 1 && use(event.key)) {
    event.preventDefault();
  }
});

document.querySelectorAll("form[data-auto] select").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});

if (form) {
  let unsaved = document.querySelector("p.wrong[role=alert]") !== null;
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  document.querySelectorAll("a[data-line]").forEach((link) => {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.elements.line.value = link.dataset.line;
      if (form.elements.file) form.elements.file.value = link.dataset.file;
      document.querySelectorAll("tr.chosen").forEach((row) => row.classList.remove("chosen"));
      link.closest("tr").classList.add("chosen");
      form.elements.comment.focus();
    });
  });

  document.querySelectorAll("select[data-into]").forEach((select) => {
    select.addEventListener("change", () => {
      const text = form.elements[select.dataset.into];
      text.value = [text.value.trimEnd(), select.value].filter(Boolean).join("\n");
      select.value = "";
      text.focus();
    });
  });

  const faulty = document.querySelector("fieldset.faulty input, fieldset.faulty textarea");
  if (faulty) faulty.focus();
}
