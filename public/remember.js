// What this device remembers of the form once it is asked to: a copy in this browser's own storage. Nothing of it goes
// anywhere by itself; it is put into the form, which asks as it does for figures that were typed.
{
  const REMEMBERED = 'household';
  /** Beside the figures: what they are written in. What stood in the form before is no part of what is remembered. */
  const WRITTEN_IN = '_in';
  const BEFORE = '_before';
  const box = () => document.getElementById('remember');
  const choice = () => document.getElementById('remember-choice');

  /** Figures of another unit are others, and so may be those of a reader with another way of writing numbers. */
  const writtenIn = () => `${box().dataset.unit} ${document.documentElement.dataset.locale}`;

  /** Null where nothing is remembered, and where a browser forbids to ask. */
  const remembered = () => {
    try {
      return localStorage.getItem(REMEMBERED);
    } catch {
      return null;
    }
  };

  /** The storage alone says whether anything is remembered: another tab may have erased it. */
  const show = (said) => {
    if (!box()) return;
    box().hidden = false;
    choice().checked = remembered() !== null;
    document.getElementById('remember-erase').hidden = !choice().checked;
    if (said !== undefined) box().querySelector('[role=status]').textContent = said;
  };

  const erase = (said) => {
    try {
      localStorage.removeItem(REMEMBERED);
    } catch {
      // What forbids this holds nothing either.
    }
    show(said);
  };

  const remember = (said) => {
    const figures = new URLSearchParams(new FormData(document.getElementById('household-form')));
    figures.delete(BEFORE);
    if (box()) figures.set(WRITTEN_IN, writtenIn());
    try {
      localStorage.setItem(REMEMBERED, figures);
      show(said);
    } catch {
      // Rather nothing than figures from before.
      erase('Nothing is remembered: this browser allows this page no storage, or has no room left.');
    }
  };

  const bringUpToDate = () => {
    if (remembered() !== null && document.getElementById('household-form')) remember();
  };

  /** Hands what is remembered to public/app.js, as if this tab had held it. */
  const bringBack = (stored) => {
    const figures = new URLSearchParams(stored);
    if (figures.get(WRITTEN_IN) !== writtenIn()) {
      show('The figures that this device remembers are in another unit or language, so they are left out.');
      return;
    }
    figures.delete(WRITTEN_IN);
    sessionStorage.setItem('household', figures);
    show('Filled in from what this device remembers.');
  };

  show();
  const stored = remembered();
  const isExample = document.querySelector('#household[data-example]') !== null;
  // A link's figures and the tab's own come first.
  if (stored !== null && isExample && !location.hash.includes('=') && !sessionStorage.getItem('household')) {
    bringBack(stored);
  }
  addEventListener('storage', () => show());
  addEventListener('pageshow', () => show());
  document.addEventListener('input', ({ target }) => {
    // Ticking tells of itself: as a change, after this.
    if (target !== choice()) bringUpToDate();
  });
  document.addEventListener('change', ({ target }) => {
    if (target !== choice()) return;
    if (target.checked) remember('Remembered on this device, from now on.');
    else erase('Erased from this device.');
  });
  document.addEventListener('click', ({ target }) => {
    if (target.closest('#remember-erase')) {
      erase('Erased from this device.');
      choice().focus();
    } else if (target.closest('[name="_do"][value="fresh"]')) {
      // Whoever starts over wants it gone, even where the server does not answer.
      erase(choice()?.checked ? 'Erased from this device.' : '');
    }
  });
  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    show();
    // An answer on the way adds nothing to what was typed, and may be to figures that came by a link.
    if (ctx.request.body?.get?.('_do') !== 'look') bringUpToDate();
  });
}
