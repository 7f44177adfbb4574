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
    const { low, high, power, kind } = slider.dataset;
    const value = +low + (high - low) * (slider.value / slider.max) ** power;
    return kind === 'money' ? +value.toPrecision(3) : Math.round(value);
  };

  const positionOf = (slider, value) => {
    const { low, high, power } = slider.dataset;
    const share = Math.min(1, Math.max(0, (value - low) / (high - low) || 0));
    return Math.round(share ** (1 / power) * slider.max);
  };

  const written = (slider, value) => {
    const { locale } = document.documentElement.dataset;
    const { currency } = form().dataset;
    const style =
      slider.dataset.kind === 'money' ? { style: 'currency', currency, maximumFractionDigits: 0 } : {};
    return Number.isFinite(+value) ? new Intl.NumberFormat(locale, style).format(+value) : '';
  };

  const sliderOf = (number) => document.querySelector(`.slider[data-for="${number.id}"]`);

  const keepInStep = ({ target }) => {
    if (target.matches('.slider')) {
      const value = valueAt(target);
      document.getElementById(target.dataset.for).value = value;
      target.setAttribute('aria-valuetext', written(target, value));
    } else if (target.matches('.number')) {
      const slider = sliderOf(target);
      slider.value = positionOf(slider, target.value);
      slider.setAttribute('aria-valuetext', written(slider, target.value || 0));
    }
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

  /** A wheel changes only what has the focus; without it the page scrolls. */
  const scrollPast = ({ target }) => {
    if (target !== document.activeElement || !target.matches('.number, .slider, #goal')) return;
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

  /** Kept households, and their names, have fields only while there are any. */
  const addKept = (name) => {
    if (!/^_(kept|name)[A-C]$/.test(name)) return null;
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name });
    form().append(field);
    return field;
  };

  /** Puts figures into the form; true when any of them was new. */
  const fill = (wanted) => {
    let changed = false;
    for (const [name, value] of wanted) {
      const field = form().elements.namedItem(name) ?? addKept(name);
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
      if (sent.has(field.name) && field.value !== sent.get(field.name)) {
        newer = true;
        continue;
      }
      field.value =
        field.defaultValue ?? [...field.options].find(({ defaultSelected }) => defaultSelected)?.value;
      if (field.matches('.number')) keepInStep({ target: field });
    }
    if (newer) look();
  };

  const look = () => htmx.trigger('#live', 'look');

  /** A link's figures stand behind the #, which never leaves the browser; they are taken out of the address. */
  const figuresInAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    if (!location.hash.includes('=')) return null;
    history.replaceState(null, '', location.pathname);
    return given;
  };

  const showLink = () => {
    const inputs = figures();
    for (const name of [...inputs.keys()]) if (name.startsWith('_')) inputs.delete(name);
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
    return true;
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
    if (!isLook(ctx)) settling = ctx;
    else if (settling) event.preventDefault();
  });
  on('htmx:before:request', () => {
    document.getElementById('household').setAttribute('aria-busy', 'true');
  });
  on('htmx:finally:request', ({ detail: { ctx } }) => {
    if (ctx === settling) settling = null;
    document.getElementById('household')?.removeAttribute('aria-busy');
  });
  on('htmx:before:swap', ({ detail: { ctx } }) => {
    keepTyped = isLook(ctx);
    const failed = ctx.response.status >= 400 && ctx.response.status !== 422;
    document.getElementById('unanswered').hidden = !failed;
  });
  on('htmx:error', () => {
    document.getElementById('unanswered').hidden = false;
  });
  on('htmx:after:swap', ({ detail: { ctx } }) => {
    if (result() && !result().dataset.open) openPanel('panel-overview');
    if (isLook(ctx)) return;
    settling = null;
    showServed(ctx.request.body);
    store();
    const wrong = document.querySelector('[aria-invalid=true]');
    const shown = /^(keep|restore|rename|drop)/.test(intentOf(ctx)) ? ['comparison', 'answer'] : ['headline'];
    (wrong ?? shown.map((id) => document.getElementById(id)).find(Boolean))?.focus();
  });

  // --- What the reader does ------------------------------------------------------------------------------------

  const actions = {
    link: showLink,
    print: () => print(),
    forget: () => memory?.removeItem(STORED),
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
  on('input', keepInStep, true);
  on('input', store);
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
    }
  });

  on('DOMContentLoaded', () => {
    if (!form()) return;
    const given = figuresInAddress();
    if (!openPanel(location.hash.slice(1))) openPanel('panel-overview');
    const example = document.getElementById('household').hasAttribute('data-example');
    const stored = example ? memory?.getItem(STORED) : null;
    const wanted = given ?? (stored && new URLSearchParams(stored));
    // htmx listens from the next task on.
    if (wanted && fill(wanted)) setTimeout(look);
    if (!example) store();
  });
}
