// What the page can do only with a script of its own: sliders in step with numbers, tabs, figures that outlive a
// reload, a link to them. Everything else is htmx or works without either.
{
  const FORM = 'household-form';
  const STORED = 'household';
  const form = () => document.getElementById(FORM);
  const result = () => document.getElementById('answer');

  // --- Sliders and numbers -------------------------------------------------------------------------------------

  /** The server does the same in src/views/form/slider.ts. */
  const valueAt = (slider) => {
    const { low, high, power, whole } = slider.dataset;
    const value = +low + (high - low) * (slider.value / slider.max) ** power;
    return whole === undefined ? +value.toPrecision(3) : Math.round(value);
  };

  const positionOf = (slider, value) => {
    const { low, high, power } = slider.dataset;
    const share = Math.min(1, Math.max(0, (value - low) / (high - low) || 0));
    return Math.round(share ** (1 / power) * slider.max);
  };

  const formatted = (value, style) =>
    new Intl.NumberFormat(document.documentElement.dataset.locale, style).format(value);

  const spoken = (slider, value) => {
    const { currency } = form().dataset;
    const money = slider.dataset.kind === 'money';
    return formatted(value, money ? { style: 'currency', currency, maximumFractionDigits: 0 } : {});
  };

  /** What texts are as numbers, as the server has said or this script has written them: only the server reads. */
  const amounts = new Map();

  /** Digits alone are the same number to every reader. */
  const amountOf = ({ value }) => (/^\d+$/.test(value) ? +value : amounts.get(value));

  /** Writes a number so that it is read back as the same; the server does the same in src/views/format.ts. */
  const write = (amount, style) => {
    const minimumFractionDigits = /\.\d{3}$/.test(amount) ? 4 : 0;
    const text = formatted(amount, { minimumFractionDigits, maximumFractionDigits: 20, ...style });
    amounts.set(text, amount);
    return text;
  };
  const grouped = (amount) => write(amount);
  const ungrouped = (amount) => write(amount, { useGrouping: false });

  /** Takes in what the server understood of the texts that it was sent. */
  const learn = () => {
    for (const { dataset } of document.querySelectorAll('.number[data-amount]')) {
      amounts.set(dataset.text, +dataset.amount);
    }
  };

  /** Fields whose groups stand as this script wrote them. */
  const isGrouped = new WeakSet();

  const sliderOf = (number) => document.querySelector(`.slider[data-for="${number.id}"]`);

  /** A slider stays where it is until the number beside it is understood. */
  const keepInStep = ({ target }) => {
    if (target.matches('.slider')) {
      const value = valueAt(target);
      const number = document.getElementById(target.dataset.for);
      number.value = grouped(value);
      isGrouped.add(number);
      target.setAttribute('aria-valuetext', spoken(target, value));
    } else if (target.matches('.number')) {
      const slider = sliderOf(target);
      const amount = amountOf(target);
      if (!slider || amount === undefined) return;
      slider.value = positionOf(slider, amount);
      slider.setAttribute('aria-valuetext', spoken(slider, amount));
    }
  };

  /** A number has its groups once its field is left; what was typed otherwise, such as 50k, stays. */
  const group = (field) => {
    const amount = amountOf(field);
    if (amount === undefined || ![ungrouped(amount), grouped(amount)].includes(field.value)) return;
    field.value = grouped(amount);
    isGrouped.add(field);
  };

  const groupAll = () => {
    for (const field of document.querySelectorAll('.number:not(:focus)')) group(field);
  };

  /** Where a digit more or less would leave the groups wrong, they go. What is pasted stays as it is. */
  const ungroup = ({ target, inputType, data }) => {
    if (!isGrouped.delete(target)) return;
    if (!inputType?.startsWith('delete') && !/^\p{Nd}+$/u.test(data)) return;
    const separators = new Set(grouped(1e9).match(/\P{Nd}/gu));
    const bare = (text) => [...text].filter((character) => !separators.has(character)).join('');
    const before = bare(target.value.slice(0, target.selectionStart)).length;
    target.value = bare(target.value);
    target.setSelectionRange(before, before);
  };

  /** What stood in the number when a finger came down on its slider. */
  const held = new WeakMap();

  const hold = ({ target, pointerType }) => {
    // A mouse does not scroll by dragging, and may be let go of anywhere.
    if (pointerType === 'mouse' || !target.matches('.slider') || held.has(target)) return;
    held.set(target, document.getElementById(target.dataset.for).value);
  };

  /** The browser takes the finger for scrolling: what it changed on its way was not meant. */
  const takeBack = ({ target }) => {
    if (!held.has(target)) return;
    const number = document.getElementById(target.dataset.for);
    const changed = number.value !== held.get(target);
    number.value = held.get(target);
    held.delete(target);
    if (changed) number.dispatchEvent(new Event('input', { bubbles: true }));
  };

  /** A wheel changes only a slider that has the focus; without it the page scrolls. */
  const scrollPast = ({ target }) => {
    if (target !== document.activeElement || !target.matches('.slider')) return;
    target.blur();
    setTimeout(() => {
      if (document.activeElement === document.body) target.focus({ preventScroll: true });
    });
  };

  // --- Figures that outlive a reload, and travel in a link -----------------------------------------------------

  /** This tab's own memory; a browser may forbid it. */
  const memory = (() => {
    try {
      return window.sessionStorage;
    } catch {
      return null;
    }
  })();

  const figures = () => new URLSearchParams(new FormData(form()));

  const store = () => {
    if (!form()) return;
    try {
      memory?.setItem(STORED, figures());
    } catch {
      // It is full: then a reload begins with what it held before.
    }
  };

  /** Kept households, their names, and what stood here before, have fields only while there are any. */
  const addHidden = (name) => {
    if (!/^_(kept[A-C]|name[A-C]|before)$/.test(name)) return null;
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name });
    form().append(field);
    return field;
  };

  /** Puts figures into the form, as they were typed; true when any of them was new. */
  const fill = (wanted) => {
    let changed = false;
    for (const [name, value] of wanted) {
      const field = form().elements.namedItem(name) ?? addHidden(name);
      if (!field || field.value === value) continue;
      // A choice that there was once, perhaps with another model.
      if (field.options && ![...field.options].some((option) => option.value === value)) continue;
      field.value = value;
      changed = true;
      keepInStep({ target: field });
    }
    return changed;
  };

  /** Fields show what the server served, but for what was changed since it was asked: that is the next question. */
  const showServed = (sent) => {
    let newer = false;
    for (const field of document.querySelectorAll(
      '#household-form .number, #household-form select, #goal, .kept-name',
    )) {
      const served =
        field.defaultValue ?? [...field.options].find(({ defaultSelected }) => defaultSelected)?.value;
      const isNew = !sent.has(field.name);
      if (!isNew && field.value !== served && field.value !== sent.get(field.name)) {
        newer = true;
        continue;
      }
      field.value = served;
      keepInStep({ target: field });
    }
    if (newer) look();
  };

  const look = () => htmx.trigger('#live', 'look');

  /** At once for what is in view, and soon for the rest. */
  const glance = () => {
    htmx.trigger('#glance', 'look');
    htmx.trigger('#live', 'rest');
  };

  /** How a link holds a number, for readers of any locale. */
  const PLAIN = /^-?\d+(\.\d+)?$/;

  /** A link's figures stand behind the #, which never leaves the browser; they are taken out of the address. */
  const figuresInAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    if (!location.hash.includes('=')) return null;
    history.replaceState(null, '', location.pathname);
    for (const [name, value] of [...given]) {
      if (PLAIN.test(value)) given.set(name, ungrouped(+value));
    }
    return given;
  };

  /** Whoever changes a figure has gone on: what stood here before is erased. */
  const goOn = ({ target }) => {
    if (!target.matches('.number, .slider, #household-form select, #goal')) return;
    document.querySelector('[name=_before]')?.remove();
    document.getElementById('before')?.remove();
  };

  const showLink = () => {
    const inputs = figures();
    for (const name of [...inputs.keys()]) {
      const field = form().elements.namedItem(name);
      if (name.startsWith('_per.') && field.value !== form().dataset.period) continue;
      if (name.startsWith('_')) inputs.delete(name);
      else if (field.matches('.number')) inputs.set(name, amountOf(field) ?? '');
    }
    const box = document.querySelector('.link');
    const field = document.getElementById('link');
    box.hidden = false;
    field.value = `${location.origin}/#${inputs}`;
    field.select();
    // The clipboard of today needs https; this one does not.
    const copied = document.execCommand('copy');
    box.querySelector('[role=status]').textContent = copied ? 'Copied.' : 'Copy it from the field above.';
  };

  // --- Tabs ----------------------------------------------------------------------------------------------------

  const openPanel = (id) => {
    const panel = document.getElementById(id);
    if (!panel?.matches('.panel')) return false;
    result().dataset.open = id;
    for (const link of document.querySelectorAll('.tabs a')) {
      if (link.hash === `#${id}`) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    fillOpenPanel();
    return true;
  };

  const openFirst = () => {
    if (result()) openPanel(result().querySelector('.panel').id);
  };

  /** What was left out while a slider moved is asked for when it comes into view. */
  const fillOpenPanel = () => {
    if (document.querySelector(`#${result().dataset.open}[data-stale]`)) glance();
  };

  // An answer to a glance marks the panels that it leaves out; what stands in them stays, under that mark.
  htmx.registerExtension('left-out', {
    htmx_before_morph_node: (element, { newNode }) => {
      if (!newNode.matches?.('.panel[data-stale]')) return true;
      element.setAttribute('data-stale', '');
      return false;
    },
  });

  /** What a link to it would do: it has the focus, and its beginning is in view. */
  const goTo = (panel) => {
    panel.focus({ preventScroll: true });
    const { top } = panel.getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.75) panel.scrollIntoView();
  };

  // --- Groups of inputs ----------------------------------------------------------------------------------------

  /** Where there is little room all groups but the first are folded, unless something in them is wrong. */
  const NARROW = matchMedia('(max-width: 40rem)');

  const foldGroups = () => {
    const [first, ...others] = document.querySelectorAll('.group');
    for (const group of others) group.open = !NARROW.matches;
    if (first) first.open = true;
    openWrong();
  };

  const openWrong = () => {
    for (const field of document.querySelectorAll('[aria-invalid=true]')) {
      const group = field.closest('.group');
      if (group) group.open = true;
    }
  };

  // --- What htmx is told ---------------------------------------------------------------------------------------

  const intentOf = (ctx) => ctx.request.body?.get?.('_do');
  const isLook = (ctx) => intentOf(ctx) === 'look';

  /** While the response to a look is merged in, what stands in the fields is newer. */
  let keepTyped = false;
  htmx.registerExtension('keep-typed', {
    htmx_before_morph_attr: (element, { attrName }) =>
      !(
        keepTyped &&
        ['value', 'aria-valuetext'].includes(attrName) &&
        element.matches('.number, .slider, #goal, .kept-name')
      ),
  });

  const on = (event, listener, capture) => document.addEventListener(event, listener, capture);

  /** The request of a button, while it is under way: no look may take its place. */
  let settling = null;
  on('htmx:config:request', (event) => {
    const { ctx } = event.detail;
    // It would carry what stands behind the #.
    delete ctx.request.headers['HX-Current-URL'];
    if (ctx.sourceElement.id === 'glance') ctx.request.body.set('_open', result()?.dataset.open ?? '');
    if (!isLook(ctx)) settling = ctx;
    else if (settling) event.preventDefault();
  });
  on('htmx:finally:request', ({ detail: { ctx } }) => {
    if (ctx === settling) settling = null;
  });
  on('htmx:before:swap', ({ detail: { ctx } }) => {
    keepTyped = isLook(ctx);
  });
  on('htmx:after:swap', ({ detail: { ctx } }) => {
    if (!result()?.dataset.open) openFirst();
    openWrong();
    learn();
    for (const target of document.querySelectorAll('.number')) keepInStep({ target });
    if (isLook(ctx)) {
      // It may have been opened while the answer was on its way. A refused form fills no panel.
      if (ctx.response.status === 200) fillOpenPanel();
      return;
    }
    settling = null;
    showServed(ctx.request.body);
    // The goal stands outside of the form, which alone is swapped when a field of it is refused.
    if (intentOf(ctx) === 'back') fill(new URLSearchParams(ctx.request.body.get('_before')));
    groupAll();
    store();
    const wrong = document.querySelector('[aria-invalid=true]');
    const shown = /^(keep|restore|rename|drop)/.test(intentOf(ctx))
      ? ['comparison', 'answer']
      : ['before', 'headline'];
    (wrong ?? shown.map((id) => document.getElementById(id)).find(Boolean))?.focus();
  });

  // --- What the reader does ------------------------------------------------------------------------------------

  const actions = {
    link: showLink,
    print: () => print(),
  };

  // A file to save is the browser's own to ask for: htmx would post it elsewhere, and show it.
  on(
    'submit',
    (event) => {
      if (event.submitter?.hasAttribute('formaction')) event.stopPropagation();
    },
    true,
  );
  // Before htmx's own listeners, so that what they send is in step.
  on('input', ungroup, true);
  on('input', keepInStep, true);
  on('input', goOn, true);
  on('input', store);
  for (const event of ['focusin', 'focusout']) {
    on(event, ({ target }) => {
      if (target.matches?.('.number')) group(target);
    });
  }
  on('pointerdown', hold);
  on('pointerup', ({ target }) => held.delete(target));
  on('pointercancel', takeBack);
  on('wheel', scrollPast, { passive: true });
  on('click', (event) => {
    const element = event.target.closest('[data-action], .tabs a');
    if (!element) return;
    if (element.dataset.action) actions[element.dataset.action]();
    else if (openPanel(element.hash.slice(1))) {
      event.preventDefault();
      history.replaceState(null, '', element.hash);
      goTo(document.querySelector(element.hash));
    }
  });

  NARROW.addEventListener('change', foldGroups);
  on('DOMContentLoaded', () => {
    if (!form()) return;
    foldGroups();
    learn();
    const given = figuresInAddress();
    if (!openPanel(location.hash.slice(1))) openFirst();
    const example = document.getElementById('household').hasAttribute('data-example');
    const stored = example ? memory?.getItem(STORED) : null;
    const wanted = given ?? (stored && new URLSearchParams(stored));
    // htmx listens from the next task on.
    if (wanted && fill(wanted)) setTimeout(look);
    groupAll();
    if (!example) store();
  });
}
