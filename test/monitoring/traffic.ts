import { HOUSEHOLD } from '../support/app.ts';
import type { ServerProcess } from '../support/server-process.ts';

const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Asks the server for a bit of everything that it measures, again and again until `stop`. */
export function startTraffic({ url }: Pick<ServerProcess, 'url'>): { stop(): Promise<void> } {
  let going = true;
  const post = (path: string, headers: Record<string, string>, body: string) =>
    fetch(url + path, { method: 'POST', headers, body });
  const one = async (round: number) => {
    const rows = Array.from({ length: 100 }, (_, i) => ({
      ...HOUSEHOLD,
      income: 20_000 + 1_000 * i + round,
    }));
    const fields = Object.entries(HOUSEHOLD).map(([name, value]) => [name, String(value)]);
    const asked = [
      fetch(`${url}/`),
      post('/predict', form, new URLSearchParams(fields).toString()),
      post('/predict', form, 'income=-5'),
      post('/api/v1/predict', json, JSON.stringify({ inputs: rows })),
      // Beyond the training data, and refused.
      post('/api/v1/predict', json, JSON.stringify({ inputs: { ...HOUSEHOLD, income: 5e6 } })),
      post('/api/v1/predict', json, JSON.stringify({ inputs: { ...HOUSEHOLD, colour: 'red' } })),
      fetch(`${url}/no/such/page`),
      fetch(`${url}/readyz`),
    ];
    for (const response of await Promise.all(asked)) await response.arrayBuffer();
  };
  const ended = (async () => {
    for (let round = 0; going; round++) {
      await one(round);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    stop: async () => {
      going = false;
      await ended;
    },
  };
}
