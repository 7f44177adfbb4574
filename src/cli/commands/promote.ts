import { checkVersionName } from '../../model/model-selector.ts';
import { promote } from '../../store/promotion.ts';
import { ACCEPT_WORSE_OPTION, checkAccepted, shortcomingsLine } from '../accept-worse.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { KEY_OPTION, signingKeyOf } from '../key-option.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { CHANNEL_OPTIONS, channelOf, describePromotion, reasonOf, verifierOf } from '../promotion.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';

export const promoteCommand = defineCommand({
  help: `Usage: savings promote VERSION --channel NAME --reason TEXT [--store STORE] [--accept-worse]

The version is read and loaded as the server would, and then written into the channel, unless somebody else has
changed the channel meanwhile: of two promotions at once, one is done and the other is refused, which changes nothing.
A channel that is not there is made. Its sequence grows by one, and it remembers its last 20 states. A model that its
own scores speak against is refused, as by 'savings train'; 'savings rollback' does not look at scores.
`,
  options: { ...CHANNEL_OPTIONS, ...ACCEPT_WORSE_OPTION, ...KEY_OPTION, ...STORE_OPTION, ...JSON_OPTION },
  positionals: ['VERSION'],
  async run(values, [name], io) {
    const channel = channelOf(values.channel);
    const version = checkVersionName(name);
    if (values.reason === undefined) throw new UsageError('Say why, with --reason.');
    const reason = reasonOf(values.reason);
    const key = await signingKeyOf(values.key, io);
    const registry = await openRegistry(values.store, io, key);
    let accepted = '';
    const verify = verifierOf(registry, (manifest) => {
      checkAccepted(`promote version ${version}`, manifest, values['accept-worse']);
      accepted = shortcomingsLine(manifest);
    });
    const request = { channel, reason, now: new Date(), verify, key };
    const { json, text } = describePromotion(registry, channel, await promote(registry, version, request));
    await writeSummary(io, values.json, json, text + accepted);
    return EXIT.done;
  },
});
