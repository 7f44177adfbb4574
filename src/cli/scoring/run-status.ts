import { AppError } from '../../errors.ts';
import { counted } from '../../model/counted.ts';
import type { Location } from '../../store/location.ts';
import { EXIT, type Io } from '../command.ts';
import { locationOf } from '../location-option.ts';
import { writeSummary } from '../output.ts';
import { minuteOf } from '../table.ts';
import { partNames, RUN_FILE, type RunRecord, readDone, readRun, type ShardDone } from './run-record.ts';

/** How many records are read at once. */
const AT_ONCE = 16;

/** Tells how far a run is. @returns the exit code: 0 when all of it is done */
export async function runStatus(location: string, asJson: boolean | undefined, io: Io): Promise<number> {
  const to = locationOf('--status', location, io);
  const run = await readRun(to);
  if (run === undefined)
    throw new AppError(
      'not_found',
      `Cannot tell how far a run is: ${to.name} has no ${RUN_FILE}, so none has begun there.`,
    );
  const done = await readAllDone(to, run);
  const missing = done.flatMap((shard, i) => (shard === undefined ? [i] : []));
  const sum = (of: 'rows' | 'rejects' | 'bytes') =>
    done.reduce((total, shard) => total + (shard?.[of] ?? 0), 0);
  const { shards, model, createdAt, from } = run;
  const figures = { rows: sum('rows'), rejects: sum('rejects'), bytes: sum('bytes') };
  const inputs = {
    files: run.inputs.length,
    bytes: run.inputs.reduce((total, { size }) => total + size, 0),
  };
  await writeSummary(
    io,
    asJson,
    { shards, done: shards - missing.length, missing, ...figures, model, from, inputs, createdAt },
    `${shards - missing.length} of ${counted(shards, 'shard')} done: ${counted(figures.rows, 'row')} scored, ${figures.rejects} rejected
${missing.length === 0 ? '' : `missing   ${ranges(missing)}\n`}model     ${model.version}, sha256 ${model.manifestSha256}
inputs    ${counted(inputs.files, 'file')} of ${from}, ${inputs.bytes} bytes
begun     ${minuteOf(createdAt)} UTC
`,
  );
  return missing.length === 0 ? EXIT.done : EXIT.failed;
}

/** By shard; undefined for one that is not done. */
async function readAllDone(to: Location, run: RunRecord): Promise<(ShardDone | undefined)[]> {
  const keys = new Set(await to.store.list(''));
  const done = new Array<ShardDone | undefined>(run.shards);
  let next = 0;
  const read = async () => {
    while (next < run.shards) {
      const shard = next++;
      if (keys.has(partNames(shard, run.output).done)) done[shard] = await readDone(to, shard);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  return Array.from(done);
}

/** `1, 4-7` of 1, 4, 5, 6 and 7. */
function ranges(sorted: readonly number[]): string {
  const found: [from: number, to: number][] = [];
  for (const number of sorted) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}
