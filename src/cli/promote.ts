import { parseArgs } from 'node:util';
import { checkVersionName } from '../store/model-reference.ts';
import { promote } from '../store/promotion.ts';
import { CHANNEL_OPTIONS, channelOf, describePromotion, reasonOf, verifierOf } from './channel-option.ts';
import { type Command, EXIT, UsageError } from './command.ts';
import { EXIT_HELP, onlyArgument, openRegistry, STORE_HELP, STORE_OPTIONS } from './open-registry.ts';
import { writeResult } from './output.ts';
import { KEY_HELP, KEY_OPTIONS, signingKeyOf } from './signing-key.ts';

const HELP = `savings promote: let a channel name a version, which its servers then load

Usage: savings promote VERSION --channel NAME --reason TEXT [--store STORE]

The version is read and loaded as the server would, and then written into the channel, unless somebody else has
changed the channel meanwhile: of two promotions at once, one is done and the other is refused. The channel's
sequence grows by one, and it remembers its last 20 states.

  --channel NAME      such as prod; it is made when there is none
  --reason TEXT       why; kept in the channel
${KEY_HELP}
${STORE_HELP}

${EXIT_HELP}
`;

export const promoteCommand: Command = {
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      options: { ...STORE_OPTIONS, ...CHANNEL_OPTIONS, ...KEY_OPTIONS },
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
    const request = { channel, reason, now: new Date(), verify: verifierOf(registry), key };
    const result = await promote(registry, version, request);
    await writeResult(io.stdout, [describePromotion(registry, channel, result, values.json)]);
    return EXIT.done;
  },
};
