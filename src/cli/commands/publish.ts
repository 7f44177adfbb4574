import { ACCEPT_WORSE_OPTION, checkAccepted, shortcomingsField, shortcomingsLine } from '../accept-worse.ts';
import { defineCommand, EXIT } from '../command.ts';
import { readFolder, verifyByLoading } from '../open-version.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { publish } from '../publication.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';

export const publishCommand = defineCommand({
  help: `Usage: savings publish DIR [--store STORE] [--accept-worse]

DIR is a version's folder, as 'savings train' writes it. It is loaded as the server would load it, then uploaded with
its manifest last, then read back and loaded again. A version never changes: another one of the same name is refused;
the very same is left as it is, made again on the same day or not, and what an earlier attempt left unfinished is
completed. Nothing is served by this:
'savings promote' does that. A model that its own scores speak against is refused, as by 'savings train'.
`,
  options: { ...ACCEPT_WORSE_OPTION, ...STORE_OPTION, ...JSON_OPTION },
  positionals: ['DIR'],
  async run(values, [directory], io) {
    const registry = await openRegistry(values.store, io);
    const local = await readFolder(directory, registry.publicKeys);
    await verifyByLoading(local);
    checkAccepted(`publish version ${local.manifest.version}`, local.manifest, values['accept-worse']);
    const { artifact, created } = await publish(registry, local.files);
    const { manifest, manifestSha256 } = artifact;
    const { version } = manifest;
    const store = registry.store.name;
    const summary = { version, manifestSha256, store, created, ...shortcomingsField(manifest) };
    const text = created
      ? `Published ${version} in ${store}\n`
      : `${version} was there already, the same, in ${store}\n`;
    await writeSummary(io, values.json, summary, text + shortcomingsLine(manifest));
    return EXIT.done;
  },
});
