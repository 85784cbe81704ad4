// Before the first paint, so that a dark page never flashes white. Everything else is a module.
try {
  const theme = localStorage.getItem("vigie-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden: then the system's theme it is.
}
