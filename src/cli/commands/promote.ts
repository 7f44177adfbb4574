import { parseArgs } from 'node:util';
import { checkVersionName } from '../../store/model-selector.ts';
import { promote } from '../../store/promotion.ts';
import { ACCEPT_WORSE_HELP, ACCEPT_WORSE_OPTION, checkAccepted, shortcomingsLine } from '../accept-worse.ts';
import { CHANNEL_OPTIONS, channelOf, describePromotion, reasonOf, verifierOf } from '../channel-option.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { EXIT_HELP, onlyArgument, openRegistry, STORE_HELP, STORE_OPTIONS } from '../open-registry.ts';
import { writeResult } from '../output.ts';
import { KEY_HELP, KEY_OPTIONS, signingKeyOf } from '../signing-key.ts';

const HELP = `savings promote: let a channel name a version, which its servers then load

Usage: savings promote VERSION --channel NAME --reason TEXT [--store STORE] [--accept-worse]

The version is read and loaded as the server would, and then written into the channel, unless somebody else has
changed the channel meanwhile: of two promotions at once, one is done and the other is refused. The channel's
sequence grows by one, and it remembers its last 20 states. A model that its own scores speak
against is refused, as by 'savings train'; 'savings rollback' does not look at scores.

  --channel NAME      such as prod; it is made when there is none
  --reason TEXT       why; kept in the channel
${ACCEPT_WORSE_HELP}
${KEY_HELP}
${STORE_HELP}

${EXIT_HELP}
`;

export const promoteCommand: Command = {
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      options: { ...STORE_OPTIONS, ...CHANNEL_OPTIONS, ...KEY_OPTIONS, ...ACCEPT_WORSE_OPTION },
      allowPositionals: true,
    });
    if (values.help) {
      io.stdout.write(HELP);
      return EXIT.done;
    }
    const channel = channelOf(values.channel);
    const version = checkVersionName(onlyArgument(positionals, 'version'));
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
    const result = await promote(registry, version, request);
    const told = describePromotion(registry, channel, result, values.json);
    await writeResult(io.stdout, [values.json ? told : told + accepted]);
    return EXIT.done;
  },
};
