import { parseArgs } from 'node:util';
import { rollback } from '../../store/promotion.ts';
import { CHANNEL_OPTIONS, channelOf, describePromotion, reasonOf, verifierOf } from '../channel-option.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { EXIT_HELP, openRegistry, STORE_HELP, STORE_OPTIONS } from '../open-registry.ts';
import { writeResult } from '../output.ts';
import { KEY_HELP, KEY_OPTIONS, signingKeyOf } from '../signing-key.ts';

const HELP = `savings rollback: let a channel name the version it named before

Usage: savings rollback --channel NAME [--reason TEXT] [--store STORE]

It is a promotion of the version before the current one, with all its checks, as a new state of the channel. A second
rollback therefore undoes the first; to go further back, 'savings show channel:NAME' lists the earlier versions, and
'savings promote' takes one.

  --channel NAME      such as prod
  --reason TEXT       why; kept in the channel (rollback)
${KEY_HELP}
${STORE_HELP}

${EXIT_HELP}
`;

export const rollbackCommand: Command = {
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
    if (positionals.length > 0)
      throw new UsageError(
        "It takes no version: it goes to the one before. For another, use 'savings promote'.",
      );
    const channel = channelOf(values.channel);
    const reason = reasonOf(values.reason ?? 'rollback');
    const key = await signingKeyOf(values.key, io);
    const registry = await openRegistry(values.store, io, key);
    const request = { channel, reason, now: new Date(), verify: verifierOf(registry), key };
    const result = await rollback(registry, request);
    await writeResult(io.stdout, [describePromotion(registry, channel, result, values.json)]);
    return EXIT.done;
  },
};
