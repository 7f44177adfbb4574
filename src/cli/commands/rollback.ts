import { rollback } from '../../store/promotion.ts';
import { defineCommand, EXIT } from '../command.ts';
import { KEY_OPTION, signingKeyOf } from '../key-option.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { CHANNEL_OPTIONS, channelOf, describePromotion, reasonOf, verifierOf } from '../promotion.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';

export const rollbackCommand = defineCommand({
  help: `Usage: savings rollback --channel NAME [--reason TEXT] [--store STORE]

It is a promotion of the version before the current one, with all its checks, as a new state of the channel. A second
rollback therefore undoes the first; to go further back, 'savings show channel:NAME' lists the earlier versions, and
'savings promote' takes one. Where no reason is given, it is 'rollback'.
`,
  options: { ...CHANNEL_OPTIONS, ...KEY_OPTION, ...STORE_OPTION, ...JSON_OPTION },
  async run(values, _, io) {
    const channel = channelOf(values.channel);
    const reason = reasonOf(values.reason ?? 'rollback');
    const key = await signingKeyOf(values.key, io);
    const registry = await openRegistry(values.store, io, key);
    const request = { channel, reason, now: new Date(), verify: verifierOf(registry), key };
    const { json, text } = describePromotion(registry, channel, await rollback(registry, request));
    await writeSummary(io, values.json, json, text);
    return EXIT.done;
  },
});
