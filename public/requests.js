// What becomes of a question to the server: while it is slow or fails, the answer before it is grey and the foot says
// so; a failure that may pass is tried once more. What was typed stays as it is all along.
{
  const SLOW_MS = 1_000;
  const RETRY_MS = 400;
  /** A server that asks for more patience is not asked again by itself. */
  const MOST_RETRY_MS = 6_000;
  const WORDS = {
    slow: 'Still working…',
    retrying: 'No answer yet: trying again…',
    failed: 'No answer came; your figures are kept. Try again.',
  };

  /** The request whose answer is waited for: the latest. */
  let latest = null;
  let slow;

  const show = (state) => {
    const household = document.getElementById('household');
    if (state) household.dataset.request = state;
    else delete household.dataset.request;
    document.getElementById('request-state').textContent = WORDS[state] ?? '';
  };

  /** Milliseconds to wait before a second try; undefined when there is to be none. */
  const patience = (response) => {
    if (response && ![502, 503, 504].includes(response.status)) return undefined;
    const asked = response?.headers.get('retry-after');
    if (!asked) return RETRY_MS;
    const wanted = Number.isNaN(+asked) ? Date.parse(asked) - Date.now() : asked * 1_000;
    return wanted <= MOST_RETRY_MS ? Math.max(RETRY_MS, wanted) : undefined;
  };

  /** `fetch` with one more try; a request that was replaced ends at once. */
  const fetchTwice = async (ctx, address, request) => {
    let response;
    let failure;
    try {
      response = await fetch(address, request);
    } catch (error) {
      failure = error;
    }
    const wait = request.signal.aborted ? undefined : patience(response);
    if (wait !== undefined) {
      if (ctx === latest) show('retrying');
      await new Promise((resolve) => {
        setTimeout(resolve, wait);
        request.signal.addEventListener('abort', resolve);
      });
      return fetch(address, request);
    }
    if (failure) throw failure;
    return response;
  };

  const isAnswer = ({ status, response }) =>
    status === 'swapped' && (response.status < 400 || response.status === 422);

  const on = (event, listener) => document.addEventListener(event, ({ detail: { ctx } }) => listener(ctx));

  on('htmx:config:request', (ctx) => {
    ctx.fetch = (address, request) => fetchTwice(ctx, address, request);
  });
  on('htmx:before:request', (ctx) => {
    const household = document.getElementById('household');
    household.setAttribute('aria-busy', 'true');
    // Of requests that replace each other, the time since the first is what a reader has waited.
    if (!latest) {
      slow = setTimeout(() => {
        if (!household.dataset.request) show('slow');
      }, SLOW_MS);
    }
    if (household.dataset.request === 'failed') show('retrying');
    latest = ctx;
  });
  on('htmx:finally:request', (ctx) => {
    if (ctx !== latest) return;
    latest = null;
    clearTimeout(slow);
    document.getElementById('household').removeAttribute('aria-busy');
    show(isAnswer(ctx) ? undefined : 'failed');
  });
}
