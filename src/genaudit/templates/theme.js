// Before anything is painted: the theme that the reader chose, if any.
try {
  const chosen = localStorage.getItem("genaudit-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // No storage for pages from disk: the system's theme it is.
}
