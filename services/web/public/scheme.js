// Before the first paint, so that a dark screen does not flash white.
(() => {
  let wanted = 'auto';
  try {
    wanted = JSON.parse(localStorage.getItem('liaison.preferences') ?? '{}').scheme ?? 'auto';
  } catch {}
  const dark = wanted === 'dark' || (wanted === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
