import { AppError, isAppError } from '../errors.ts';
import { type Channel, type ChannelState, promoted, stateBefore } from '../model/artifact/channel.ts';
import type { SigningKey } from '../model/signing/ecdsa.ts';
import { decodeChannel } from '../model/signing/signed-channel.ts';
import type { ChannelRead, Registry } from './registry.ts';

export interface PromotionRequest {
  channel: string;
  reason: string;
  now: Date;
  /** Makes sure that the version can be served; what it gives is the sha256 of its manifest. */
  verify: (version: string, expectedManifestSha256?: string) => Promise<string>;
  /**
   * Throws when the version, which has been verified, is not good enough to take the place of what the channel names;
   * undefined for a new channel.
   */
  gate?: ((present: ChannelState | undefined) => Promise<void>) | undefined;
  /** Signs the channel's new state. */
  key?: SigningKey | undefined;
}

export interface PromotionResult {
  channel: Channel;
  /** The version that the channel named before; undefined for a new channel. */
  from: string | undefined;
  /** False when the channel named the version already, and so was left alone. */
  changed: boolean;
}

/**
 * Points a channel to a version that has been verified.
 * @throws AppError `conflict` when somebody else changed the channel meanwhile; and what `verify` and `gate` throw
 */
export async function promote(
  registry: Registry,
  version: string,
  { channel: name, reason, now, verify, gate, key }: PromotionRequest,
): Promise<PromotionResult> {
  const read = await readIfThere(registry, name);
  checkStaysSigned(name, read, key);
  const manifestSha256 = await verify(version);
  const from = read?.channel.version;
  const isSameVersion = read?.channel.manifestSha256 === manifestSha256;
  // To sign what was not signed, or with another key, is a change, though none of the model.
  if (isSameVersion && (await isSignedAs(name, read, key)))
    return { channel: read.channel, from, changed: false };
  if (!isSameVersion) await gate?.(read?.channel);
  const channel = promoted(read?.channel, {
    version,
    manifestSha256,
    promotedAt: now.toISOString(),
    reason,
  });
  await registry.writeChannel(name, channel, read?.etag ?? null, key);
  return { channel, from, changed: true };
}

/**
 * Points a channel back to the version that it named before its current one. That is a new state with the next
 * sequence: history only grows, and whoever follows the channel sees it as any other change.
 * @throws AppError `not_found` when there is nothing to go back to; and what `promote` throws
 */
export async function rollback(
  registry: Registry,
  { channel: name, reason, now, verify, key }: Omit<PromotionRequest, 'gate'>,
): Promise<PromotionResult> {
  const read = await registry.readChannel(name);
  checkStaysSigned(name, read, key);
  const { channel: current, etag } = read;
  const target = stateBefore(current);
  if (target === undefined)
    throw new AppError(
      'not_found',
      `Cannot roll back channel ${name}: it has named no version but ${current.version}.`,
    );
  const { version } = target;
  const manifestSha256 = await verify(version, target.manifestSha256);
  const channel = promoted(current, { version, manifestSha256, promotedAt: now.toISOString(), reason });
  await registry.writeChannel(name, channel, etag, key);
  return { channel, from: current.version, changed: true };
}

/** Servers that check signatures would be cut off by a state without one. */
function checkStaysSigned(name: string, read: ChannelRead | undefined, key: SigningKey | undefined): void {
  if (read?.signed && key === undefined)
    throw new AppError(
      'invalid',
      `Cannot change channel ${name}: it is signed, so that its next state must be too; give the private key.`,
    );
}

/** Whether a channel's state has a signature of this key; without a key, whether it has none. */
async function isSignedAs(name: string, read: ChannelRead, key: SigningKey | undefined): Promise<boolean> {
  if (key === undefined || !read.signed) return read.signed === (key !== undefined);
  try {
    await decodeChannel(name, read.bytes, [key.verification], `channel ${name}`);
    return true;
  } catch (error) {
    if (isAppError(error, 'corrupt')) return false;
    throw error;
  }
}

async function readIfThere(registry: Registry, name: string): Promise<ChannelRead | undefined> {
  try {
    return await registry.readChannel(name);
  } catch (error) {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  }
}
