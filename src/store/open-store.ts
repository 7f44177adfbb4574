import { DirectoryStore } from './directory/directory.ts';
import { S3Store } from './s3/s3.ts';
import type { Store, StoreObserver } from './store.ts';

/** Where models are kept, as the settings say it. */
export interface StoreConfig {
  modelDir: string;
  /** A bucket takes the place of the directory. `region` and `endpoint` are the SDK's own choice when left out. */
  bucket?:
    | { name: string; prefix?: string; region?: string | undefined; endpoint?: string | undefined }
    | undefined;
}

/** The store that the settings name; nothing is read or connected yet. */
export function openStore({ bucket, modelDir }: StoreConfig, onRequest?: StoreObserver): Store {
  if (bucket === undefined) return new DirectoryStore(modelDir, { onRequest });
  const { name, ...where } = bucket;
  return new S3Store({ bucket: name, ...where, onRequest });
}
