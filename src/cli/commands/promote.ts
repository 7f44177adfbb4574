import { checkVersionName } from '../../model/model-selector.ts';
import type { Model } from '../../model/model.ts';
import { promote } from '../../store/promotion.ts';
import { ACCEPT_WORSE_OPTION, checkAccepted, shortcomingsLine } from '../accept-worse.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import type { Evaluation } from '../evaluation.ts';
import { GATE_OPTIONS, gateOf, gatingOf, reasonWith } from '../gate.ts';
import { KEY_OPTION, signingKeyOf } from '../key-option.ts';
import { JSON_OPTION, writeSummary } from '../output.ts';
import { CHANNEL_OPTIONS, channelOf, describePromotion, reasonOf, verifierOf } from '../promotion.ts';
import { openRegistry, STORE_OPTION } from '../store-option.ts';

export const promoteCommand = defineCommand({
  help: `Usage: savings promote VERSION --channel NAME --reason TEXT [--gate LABELLED | --no-gate REASON] [options]

The version is read and loaded as the server would, and then written into the channel, unless somebody else has
changed the channel meanwhile: of two promotions at once, one is done and the other is refused, which changes nothing.
A channel that is not there is made. Its sequence grows by one, and it remembers its last 20 states. A model that its
own scores speak against is refused, as by 'savings train'; 'savings rollback' does not look at scores.

With --gate the version must be better or not worse than what the channel names, on these rows and by the margin, as
'savings evaluate --against channel:NAME' finds; in a new channel, than the mean and a linear regression. The channels
prod, production and those that begin with prod- or production- need --gate, or the reason why there is none.
`,
  options: {
    ...CHANNEL_OPTIONS,
    ...GATE_OPTIONS,
    ...ACCEPT_WORSE_OPTION,
    ...KEY_OPTION,
    ...STORE_OPTION,
    ...JSON_OPTION,
  },
  positionals: ['VERSION'],
  async run(values, [name], io) {
    const channel = channelOf(values.channel);
    const version = checkVersionName(name);
    if (values.reason === undefined) throw new UsageError('Say why, with --reason.');
    const gate = await gateOf(channel, values, io);
    const reason = reasonWith(reasonOf(values.reason), gate);
    const key = await signingKeyOf(values.key, io);
    const registry = await openRegistry(values.store, io, key);
    let candidate: Model | undefined;
    const verify = verifierOf(registry, (model) => {
      checkAccepted(`promote version ${version}`, model.manifest, values['accept-worse']);
      candidate = model;
    });
    let gated: { evaluation?: Evaluation; text: string } = { text: '' };
    const gating = gatingOf({
      registry,
      gate,
      channel,
      candidate: () => candidate!,
      onPassed({ evaluation, text, faults }) {
        gated = { evaluation, text: `  gate: ${text}\n` };
        if (faults.count > 0) io.stderr.write(`savings promote: ${faults.leftOut}.\n${faults}\n`);
      },
    });
    const request = { channel, reason, now: new Date(), verify, gate: gating, key };
    const { json, text } = describePromotion(registry, channel, await promote(registry, version, request));
    const summary = { ...json, gate: gated.evaluation ?? null };
    await writeSummary(io, values.json, summary, text + gated.text + shortcomingsLine(candidate!.manifest));
    return EXIT.done;
  },
});
