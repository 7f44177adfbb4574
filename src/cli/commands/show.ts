import { parseArgs } from 'node:util';
import type { Channel } from '../../model/artifact/channel.ts';
import { counted } from '../../model/counted.ts';
import { fixed } from '../../model/fixed.ts';
import type { Manifest } from '../../model/manifest.ts';
import { parseModelSelector } from '../../store/model-selector.ts';
import type { Registry } from '../../store/registry.ts';
import { shortcomingsLine } from '../accept-worse.ts';
import { type Command, EXIT } from '../command.ts';
import { EXIT_HELP, onlyArgument, openRegistry, STORE_HELP, STORE_OPTIONS } from '../open-registry.ts';
import { writeResult } from '../output.ts';
import { table } from '../table.ts';

const HELP = `savings show: what a version is, or what a channel has named

Usage: savings show VERSION [--store STORE]
       savings show channel:NAME [--store STORE]

It reads the manifest alone; 'savings verify' checks the whole.

${STORE_HELP}

${EXIT_HELP}
`;

export const showCommand: Command = {
  async run(args, io) {
    const { values, positionals } = parseArgs({ args, options: STORE_OPTIONS, allowPositionals: true });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const reference = parseModelSelector(onlyArgument(positionals, 'version'));
    const registry = await openRegistry(values.store, io);
    const shown =
      'channel' in reference
        ? await showChannel(registry, reference.channel)
        : await showVersion(registry, reference.version);
    await writeResult(io.stdout, [values.json ? `${JSON.stringify(shown.json)}\n` : shown.text]);
    return EXIT.done;
  },
};

async function showChannel(registry: Registry, name: string) {
  const { channel } = await registry.readChannel(name);
  return { json: { channel: name, ...channel }, text: describeChannel(name, channel) };
}

async function showVersion(registry: Registry, version: string) {
  const { manifest, sha256 } = await registry.readManifest(version);
  return { json: { manifestSha256: sha256, ...manifest }, text: describeVersion(manifest, sha256) };
}

function describeChannel(name: string, { previous, ...current }: Channel): string {
  const rows = [current, ...previous].map(({ sequence, version, promotedAt, reason }) => [
    String(sequence),
    version,
    promotedAt.slice(0, 16).replace('T', ' '),
    reason,
  ]);
  return `Channel ${name} names ${current.version}\n\n${table([['SEQUENCE', 'VERSION', 'PROMOTED (UTC)', 'REASON'], ...rows])}`;
}

function describeVersion(manifest: Manifest, sha256: string): string {
  const { target, trainer, metrics, interval } = manifest;
  const scores = Object.entries(metrics).map(([of, { mae, rmse, r2 }]) => [
    of,
    fixed(mae, 1),
    fixed(rmse, 1),
    fixed(r2, 4),
  ]);
  const importances = manifest.importances.map(({ feature, maeIncrease }) => [
    feature,
    fixed(maeIncrease, 1),
  ]);
  return `${manifest.name} ${manifest.version}
manifest   sha256 ${sha256}
created    ${manifest.createdAt}, to be reviewed by ${manifest.reviewBy}${manifest.gitSha ? `, from commit ${manifest.gitSha}` : ''}
predicts   ${target.label}, ${target.unit}
data       ${manifest.data.source} (${manifest.data.licence}), sha256 ${manifest.data.sha256}
trained    on ${counted(trainer.rows, 'row')} by ${trainer.library} ${trainer.libraryVersion}, seed ${trainer.seed}; scored on ${counted(trainer.holdoutRows, 'other')}
interval   made for ${fixed(100 * interval.coverage, 1)} %, held for ${fixed(100 * interval.measuredCoverage, 1)} %
inputs     ${manifest.features.map(({ name }) => name).join(', ')}
${shortcomingsLine(manifest)}
${table([['SCORES', 'MAE', 'RMSE', 'R2'], ...scores])}
${table([['INPUT', 'MAE GROWS BY, WHEN SHUFFLED'], ...importances])}`;
}
