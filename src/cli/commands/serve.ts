import { type Command, EXIT } from '../command.ts';
import { handleSignalsEarly } from '../server/early-signals.ts';
import { openEarly } from '../server/early-listener.ts';

const HELP = `savings serve: answer on PORT (8080), with metrics on METRICS_PORT (9464)

Usage: savings serve

It takes its settings from the environment; README.md lists them. SIGTERM ends it without losing a request,
SIGINT at once; SIGHUP makes it look for another model now.
`;

/** In pieces, between which the event loop turns: a probe then waits for one of them, not for the whole program. */
const PIECES = [
  () => import('zod'),
  () => import('../../model/manifest.ts'),
  () => import('../../config.ts'),
  () => import('prom-client'),
  () => import('../../model/signing/ecdsa.ts'),
  () => import('../../http/app.ts'),
];

export const serveCommand: Command = {
  async run(args, io) {
    if (args.length > 0) {
      const { parseArgs } = await import('node:util');
      const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } });
      if (values.help) {
        io.stdout.write(HELP);
        return EXIT.done;
      }
    }
    handleSignalsEarly();
    const door = openEarly(io.env);
    for (const load of PIECES) {
      await new Promise((resolve) => setTimeout(resolve));
      await load();
    }
    return await (await import('../server/server.ts')).runServer(door, io);
  },
};
