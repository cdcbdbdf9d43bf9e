// A button that copies lines printed on the page, and says so beside it. Where copying is not allowed, they are marked.
for (const button of document.querySelectorAll("[data-copy]")) {
  const lines = document.getElementById(button.dataset.copy);
  const said = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      await navigator.clipboard.writeText(lines.textContent);
      said.textContent = button.dataset.done;
    } catch {
      const range = document.createRange();
      range.selectNodeContents(lines);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      lines.focus();
      said.textContent = button.dataset.failed;
    }
  });
}
