// Sets the theme before the first paint. A file of its own: the content security policy forbids inline scripts.
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    let chosen = 'system';
    try {
      chosen = localStorage.getItem('overseer.theme') ?? 'system';
    } catch {
      // Storage may be forbidden; the system's theme is then right.
    }
    root.dataset.theme = chosen === 'light' || chosen === 'dark' ? chosen : dark.matches ? 'dark' : 'light';
  };
  apply();
  dark.addEventListener('change', apply);
  addEventListener('overseer:theme', apply);
})();
