import { AppError, messageOf } from '../../errors.ts';
import type { Channel } from '../../model/artifact/channel.ts';
import { decimalsFor, fixed } from '../../model/fixed.ts';
import { printable } from '../../printable.ts';
import type { Registry } from '../../store/registry.ts';
import { defineCommand, EXIT } from '../command.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';
import { minuteOf, table } from '../table.ts';

interface VersionLine {
  version: string;
  createdAt: string;
  mae: number;
  r2: number;
  /** Absent where nobody counted. */
  rows: number | undefined;
  channels: string[];
}

interface Listing {
  versions: VersionLine[];
  channels: (Pick<Channel, 'version' | 'sequence' | 'promotedAt' | 'reason'> & { channel: string })[];
  /** What could not be read, and why. */
  faults: string[];
}

export const listCommand = defineCommand({
  help: `Usage: savings list [--store STORE]

A version or channel that cannot be read is named on standard error; the others are listed, and the exit code is 1.
`,
  options: { ...STORE_OPTION, ...JSON_OPTION },
  async run(values, _, io) {
    const registry = await openRegistry(values.store, io);
    const listing = await listRegistry(registry);
    await writeSummary(io, values.json, listing, describe(listing, registry.store.name));
    for (const fault of listing.faults) io.stderr.write(`savings list: ${printable(fault)}\n`);
    return listing.faults.length === 0 ? EXIT.done : EXIT.failed;
  },
});

async function listRegistry(registry: Registry): Promise<Listing> {
  const listing: Listing = { versions: [], channels: [], faults: [] };
  const each = async (names: readonly string[], read: (name: string) => Promise<void>) => {
    for (const name of names) {
      try {
        await read(name);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        listing.faults.push(messageOf(error));
      }
    }
  };
  await each(await registry.listChannels(), async (name) => {
    const { version, sequence, promotedAt, reason } = (await registry.readChannel(name)).channel;
    listing.channels.push({ channel: name, version, sequence, promotedAt, reason });
  });
  await each(await registry.listVersions(), async (version) => {
    const { createdAt, metrics, trainer } = (await registry.readManifest(version)).manifest;
    const { mae, r2 } = metrics.model;
    const channels = listing.channels.flatMap((channel) =>
      channel.version === version ? channel.channel : [],
    );
    listing.versions.push({ version, createdAt, mae, r2, rows: trainer.rows, channels });
  });
  listing.versions.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  return listing;
}

function describe({ versions, channels }: Listing, store: string): string {
  if (versions.length + channels.length === 0) return `${store} holds no version and no channel\n`;
  const versionRows = versions.map(({ version, createdAt, mae, r2, rows, channels: names }) => [
    version,
    minuteOf(createdAt),
    rows === undefined ? '-' : String(rows),
    fixed(mae, decimalsFor(mae)),
    fixed(r2, 3),
    names.join(' '),
  ]);
  const channelRows = channels.map(({ channel, version, sequence, promotedAt, reason }) => [
    channel,
    version,
    String(sequence),
    minuteOf(promotedAt),
    reason,
  ]);
  return (
    table([['VERSION', 'CREATED (UTC)', 'ROWS', 'MAE', 'R2', 'CHANNELS'], ...versionRows]) +
    (channelRows.length === 0
      ? ''
      : `\n${table([['CHANNEL', 'VERSION', 'SEQUENCE', 'PROMOTED (UTC)', 'REASON'], ...channelRows])}`)
  );
}
