import { EXIT } from '../command.ts';

/** Nobody has been told that the server is ready: there is nothing to finish, and no model to look for. */
const HANDLERS = {
  SIGTERM: () => process.exit(EXIT.done),
  SIGINT: () => process.exit(EXIT.done),
  SIGHUP: () => {},
} as const;

/** From the moment the port is open until the server handles signals itself. */
export function handleSignalsEarly(): void {
  for (const [signal, handler] of Object.entries(HANDLERS)) process.on(signal, handler);
}

export function stopHandlingSignalsEarly(): void {
  for (const [signal, handler] of Object.entries(HANDLERS)) process.off(signal, handler);
}
