import { type ApiClient, ApiError } from '../api-client.ts';
import type { Sources } from './environment.ts';

/** ConfigMaps and Secrets as the API server has them now. */
export function sourcesOf(api: ApiClient, namespace: string): Sources {
  const keys = async (plural: string, name: string, encoding: 'utf8' | 'base64') => {
    const found = await api.get(`/api/v1/namespaces/${namespace}/${plural}/${name}`).catch((error) => {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    const decoded = (values: Record<string, string> = {}, from: 'utf8' | 'base64') =>
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value, from)] as const);
    return new Map([...decoded(found.data, encoding), ...decoded(found.binaryData, 'base64')]);
  };
  return {
    configMap: (name) => keys('configmaps', name, 'utf8'),
    secret: (name) => keys('secrets', name, 'base64'),
  };
}
