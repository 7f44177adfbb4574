import { compareOnCsv } from '../../dataset/compare-csv.ts';
import { FaultReport } from '../../dataset/fault-report.ts';
import { ModelDifference } from '../../dataset/model-difference.ts';
import type { Artifact } from '../../model/artifact/artifact.ts';
import { goldenSchema } from '../../model/artifact/golden.ts';
import { FILES, type Manifest } from '../../model/manifest.ts';
import type { Model } from '../../model/model.ts';
import { parseJson } from '../../model/parse-json.ts';
import { defineCommand, EXIT } from '../command.ts';
import { inputCsv } from '../input.ts';
import { readVersionNamed, verifyByLoading, WHICH_VERSION } from '../open-version.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { checkDataPath } from '../paths.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';
import { type Diff, formatDiff } from './format-diff.ts';

export const diffCommand = defineCommand({
  help: `Usage: savings diff A B [--data FILE] [--store STORE]

Their scores, inputs and columns, and how far apart their predictions are on the golden rows of both and on the rows
of --data. When these have the outcomes too, in the target's column, it says which version is nearer to them, and
whether that could be chance (a paired comparison of the absolute errors, at 95 %). A score in a manifest was measured
on rows held out of that version's own training, so compare scores only where both had the same data.

A and B are each ${WHICH_VERSION}.
`,
  options: {
    data: {
      type: 'string',
      value: 'FILE',
      help: "CSV, CSV.gz or Parquet with the columns of both versions' inputs; - is a CSV on standard input",
    },
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  positionals: ['A', 'B'],
  async run(values, [nameA, nameB], io) {
    if (values.data !== undefined) checkDataPath(values.data);
    const registry = await openRegistry(values.store, io);
    const artifacts = [
      await readVersionNamed(registry, nameA),
      await readVersionNamed(registry, nameB),
    ] as const;
    const a = await verifyByLoading(artifacts[0]);
    const b = await verifyByLoading(artifacts[1]);
    const golden = compareOnGolden(artifacts, a, b);
    const diff: Diff = {
      a: identity(a),
      b: identity(b),
      same: a.sha256 === b.sha256,
      metrics: { a: a.manifest.metrics.model, b: b.manifest.metrics.model },
      sameTrainingData: a.manifest.data.sha256 === b.manifest.data.sha256,
      ...featureChanges(a.manifest, b.manifest),
      golden: { refused: golden.refused, overall: golden.difference.overall() ?? null },
      data: null,
    };
    if (values.data !== undefined) {
      const faults = new FaultReport();
      const difference = await compareOnCsv(inputCsv(values.data, io), a, b, (fault) => faults.add(fault));
      diff.data = {
        refused: faults.count,
        overall: difference.overall() ?? null,
        bands: difference.byBand(a),
        verdict: difference.verdict() ?? null,
      };
      if (faults.count > 0) io.stderr.write(`savings diff: ${faults.leftOut}.\n${faults}\n`);
    }
    await writeSummary(io, values.json, diff, formatDiff(diff, a.manifest));
    return EXIT.done;
  },
});

const identity = ({ version, sha256 }: Model) => ({ version, manifestSha256: sha256 });

/** The golden rows of both, where both accept them. */
function compareOnGolden(artifacts: readonly Artifact[], a: Model, b: Model) {
  const difference = new ModelDifference();
  let refused = 0;
  for (const { files, manifest } of artifacts) {
    const what = `${FILES.golden} of version ${manifest.version}`;
    for (const { inputs } of parseJson(goldenSchema, files.get(FILES.golden)!, what).rows) {
      const [forA, forB] = [a.inputs.parse(inputs), b.inputs.parse(inputs)];
      if (forA.ok && forB.ok) difference.add(a.predict(forA.inputs), b.predict(forB.inputs));
      else refused++;
    }
  }
  return { difference, refused };
}

/** Names, of inputs and of the forest's columns, that only one has, and inputs that the two describe differently. */
function featureChanges(a: Manifest, b: Manifest) {
  const names = ({ features }: Manifest) => features.map(({ name }) => name);
  const columns = ({ encoding }: Manifest) => encoding.map((column) => Object.values(column).join('='));
  const only = (these: string[], others: string[]) => these.filter((name) => !others.includes(name));
  const changed = a.features.flatMap((feature) => {
    const other = b.features.find(({ name }) => name === feature.name);
    if (other === undefined) return [];
    const keys = Object.keys({ ...feature, ...other }) as (keyof typeof feature)[];
    const differing = keys.filter((key) => JSON.stringify(feature[key]) !== JSON.stringify(other[key]));
    return differing.length === 0 ? [] : [{ name: feature.name, differing: differing as string[] }];
  });
  return {
    features: { onlyA: only(names(a), names(b)), onlyB: only(names(b), names(a)), changed },
    columns: { onlyA: only(columns(a), columns(b)), onlyB: only(columns(b), columns(a)) },
  };
}
