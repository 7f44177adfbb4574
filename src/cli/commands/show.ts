import type { Channel } from '../../model/artifact/channel.ts';
import { counted } from '../../model/counted.ts';
import { decimalsFor, fixed } from '../../model/fixed.ts';
import type { Manifest } from '../../model/manifest.ts';
import { parseModelSelector } from '../../model/model-selector.ts';
import { provenanceSentence } from '../../model/provenance.ts';
import type { Registry } from '../../store/registry.ts';
import { bracketsLine, shortcomingsLine } from '../accept-worse.ts';
import { defineCommand, EXIT } from '../command.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';
import { minuteOf, table } from '../table.ts';

export const showCommand = defineCommand({
  help: `Usage: savings show VERSION [--store STORE]

VERSION is a version of the store, or channel:NAME for the versions that the channel has named.
It reads the manifest alone; 'savings verify' checks the whole.
`,
  options: { ...STORE_OPTION, ...JSON_OPTION },
  positionals: ['VERSION'],
  async run(values, [name], io) {
    const selector = parseModelSelector(name);
    const registry = await openRegistry(values.store, io);
    const { json, text } =
      'channel' in selector
        ? await showChannel(registry, selector.channel)
        : await showVersion(registry, selector.version);
    await writeSummary(io, values.json, json, text);
    return EXIT.done;
  },
});

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
    minuteOf(promotedAt),
    reason,
  ]);
  return `Channel ${name} names ${current.version}\n\n${table([['SEQUENCE', 'VERSION', 'PROMOTED (UTC)', 'REASON'], ...rows])}`;
}

function describeVersion(manifest: Manifest, sha256: string): string {
  const { target, trainer, metrics, interval } = manifest;
  const decimals = Math.max(1, decimalsFor(metrics.mean.mae));
  const scores = (['model', 'mean', 'linear', 'brackets'] as const).flatMap((of) => {
    const scored = metrics[of];
    return scored
      ? [[of, fixed(scored.mae, decimals), fixed(scored.rmse, decimals), fixed(scored.r2, 4)]]
      : [];
  });
  const importances = manifest.importances.map(({ feature, maeIncrease }) => [
    feature,
    fixed(maeIncrease, decimals),
  ]);
  return `${manifest.name} ${manifest.version}
manifest   sha256 ${sha256}
created    ${manifest.createdAt}, to be reviewed by ${manifest.reviewBy}${manifest.gitSha ? `, from commit ${manifest.gitSha}` : ''}
predicts   ${target.label}, ${target.unit}
data       ${manifest.data.source} (${manifest.data.licence}), sha256 ${manifest.data.sha256}
           ${provenanceSentence(manifest)}
trained    ${trainer.rows === undefined ? '' : `on ${counted(trainer.rows, 'row')} `}by ${trainer.library} ${trainer.libraryVersion}, seed ${trainer.seed}; scored on ${counted(trainer.holdoutRows, 'other')}
interval   made for ${fixed(100 * interval.coverage, 1)} %, held for ${fixed(100 * interval.measuredCoverage, 1)} %
inputs     ${manifest.features.map(({ name }) => name).join(', ')}
${shortcomingsLine(manifest)}${bracketsLine(manifest)}
${table([['SCORES', 'MAE', 'RMSE', 'R2'], ...scores])}
${table([['INPUT', 'MAE GROWS BY, WHEN SHUFFLED'], ...importances])}`;
}
