import { channelName } from '../model/manifest.ts';
import type { Model } from '../model/model.ts';
import type { PromotionRequest, PromotionResult } from '../store/promotion.ts';
import type { Registry } from '../store/registry.ts';
import { UsageError } from './command.ts';
import { verifyByLoading } from './open-version.ts';
import { textOption } from './option-values.ts';

/** The options of the commands that change a channel. */
export const CHANNEL_OPTIONS = {
  channel: { type: 'string', value: 'NAME', help: 'such as prod' },
  reason: { type: 'string', value: 'TEXT', help: 'why; kept in the channel' },
} as const;

/** @throws UsageError */
export function channelOf(name: string | undefined): string {
  if (name === undefined) throw new UsageError('Say which channel, such as --channel prod.');
  const parsed = channelName.safeParse(name);
  if (parsed.success) return parsed.data;
  throw new UsageError(`--channel ${parsed.error.issues[0]?.message}.`);
}

/** @throws UsageError */
export function reasonOf(text: string): string {
  const reason = textOption('reason', text);
  if (reason === '') throw new UsageError('--reason must say something.');
  return reason;
}

/**
 * Loads a version as the channel's servers would, so that no channel ever names one that they refuse.
 * @param check throws for what else must be refused
 */
export function verifierOf(
  registry: Registry,
  check: (model: Model) => void = () => {},
): PromotionRequest['verify'] {
  return async (version, expectedManifestSha256) => {
    const artifact = await registry.readVersion(version, expectedManifestSha256);
    check(await verifyByLoading(artifact));
    return artifact.manifestSha256;
  };
}

/** What a promotion or a rollback did, for a program and for a person. */
export function describePromotion(
  registry: Registry,
  name: string,
  { channel, from, changed }: PromotionResult,
): { json: object; text: string } {
  const { version, manifestSha256, sequence } = channel;
  const store = registry.store.name;
  const before = from === undefined ? 'a new channel' : `before: ${from}`;
  return {
    json: { channel: name, version, manifestSha256, sequence, from: from ?? null, changed, store },
    text: changed
      ? `Channel ${name} in ${store} now names ${version} (sequence ${sequence}; ${before})\n`
      : `Channel ${name} in ${store} names ${version} already (sequence ${sequence})\n`,
  };
}
