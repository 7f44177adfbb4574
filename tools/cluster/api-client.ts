import { readFileSync } from 'node:fs';

/** What every object of Kubernetes has; the rest is as its API says. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    deletionGracePeriodSeconds?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { kind: string; name: string; uid: string }[];
  };
  // biome-ignore lint/suspicious/noExplicitAny: the API's own types are many thousands of lines.
  [key: string]: any;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
}

/** The API server refused, or has none such. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Credentials {
  /** Paths of PEM files; a token instead of the client's two where there is one. */
  ca: string;
  certificate?: string;
  key?: string;
  token?: string;
}

/** Talks to an API server over TLS. */
export class ApiClient {
  readonly #server: string;
  readonly #tls: { ca: string; cert?: string; key?: string };
  readonly #token: string | undefined;

  /** @param server as https://HOST:PORT */
  constructor(server: string, { ca, certificate, key, token }: Credentials) {
    this.#server = server;
    this.#tls = {
      ca: readFileSync(ca, 'utf8'),
      ...(certificate && { cert: readFileSync(certificate, 'utf8') }),
      ...(key && { key: readFileSync(key, 'utf8') }),
    };
    this.#token = token;
  }

  /**
   * @param path as '/api/v1/pods'
   * @throws ApiError what the API server says when it refuses
   */
  async request(
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<KubernetesObject> {
    const response = await this.#fetch(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': type } }),
    });
    return (await response.json()) as KubernetesObject;
  }

  get(path: string): Promise<KubernetesObject> {
    return this.request('GET', path);
  }

  /** What is no object: '/livez', '/metrics'. */
  async text(path: string): Promise<string> {
    return (await this.#fetch(path, {})).text();
  }

  async list(path: string): Promise<KubernetesObject[]> {
    return (await this.get(path)).items;
  }

  /** Merges into the object's status; null takes a field away. */
  patchStatus(path: string, status: unknown): Promise<KubernetesObject> {
    return this.request('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
  }

  /**
   * Everything that is there, and then each change, until `signal`. When the server ends it, it begins anew: then all
   * that is there comes once more as ADDED, after a DELETED for each that went in the meantime.
   */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent, void, void> {
    const known = new Map<string, KubernetesObject>();
    while (!signal.aborted) {
      try {
        for await (const event of this.#listAndWatch(path, known, signal)) {
          const uid = event.object.metadata.uid ?? '';
          if (event.type === 'DELETED') known.delete(uid);
          else known.set(uid, event.object);
          yield event;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && error.status < 500 && error.status !== 410 && error.status !== 429)
          throw error;
        await Bun.sleep(200);
      }
    }
  }

  async *#listAndWatch(
    path: string,
    known: ReadonlyMap<string, KubernetesObject>,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, void, void> {
    const { items, metadata } = await this.get(path);
    const uids = new Set(items.map((item: KubernetesObject) => item.metadata.uid));
    for (const [uid, object] of [...known]) if (!uids.has(uid)) yield { type: 'DELETED', object };
    for (const object of items) yield { type: 'ADDED', object };
    const query = new URLSearchParams({ watch: 'true', resourceVersion: metadata.resourceVersion ?? '' });
    const response = await this.#fetch(`${path}${path.includes('?') ? '&' : '?'}${query}`, { signal });
    const utf8 = new TextDecoder();
    let waiting = '';
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (waiting + utf8.decode(bytes, { stream: true })).split('\n');
      waiting = lines.pop() ?? '';
      for (const line of lines.filter(Boolean)) {
        const event = JSON.parse(line);
        if (event.type === 'ERROR') throw new ApiError(event.object.code, event.object.message);
        yield event;
      }
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`);
    const response = await fetch(this.#server + path, { ...init, headers, tls: this.#tls } as RequestInit);
    if (response.ok) return response;
    const text = await response.text();
    let message = text;
    try {
      message = JSON.parse(text).message ?? text;
    } catch {}
    throw new ApiError(response.status, `${init.method ?? 'GET'} ${path}: ${response.status} ${message}`);
  }
}
