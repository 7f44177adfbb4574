import { AppError } from '../errors.ts';
import { channelName, versionName } from './manifest.ts';

/** What MODEL_VERSION names: a version, or the one that a channel points to. */
export type ModelSelector = { version: string } | { channel: string };

const CHANNEL = 'channel:';

/** Reads `channel:<name>` or a version's name. @throws AppError `invalid` */
export function parseModelSelector(text: string): ModelSelector {
  if (text.startsWith(CHANNEL)) return { channel: checkChannelName(text.slice(CHANNEL.length)) };
  return { version: checkVersionName(text) };
}

/** The text that `parseModelSelector` reads. */
export function formatModelSelector(selector: ModelSelector): string {
  return 'channel' in selector ? CHANNEL + selector.channel : selector.version;
}

export function checkVersionName(name: string): string {
  const parsed = versionName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid', `Cannot use the name of a version: it ${parsed.error.issues[0]?.message}.`);
}

export function checkChannelName(name: string): string {
  const parsed = channelName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid', `Cannot use the name of a channel: it ${parsed.error.issues[0]?.message}.`);
}
