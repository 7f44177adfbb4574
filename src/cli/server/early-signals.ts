import { EXIT } from '../command.ts';

/** The server has not been ready yet: there is no request to finish, and no model to look for. */
const HANDLERS = {
  SIGTERM: () => process.exit(EXIT.done),
  SIGINT: () => process.exit(EXIT.done),
  SIGHUP: () => {},
} as const;

/** Handles signals from the moment the port is open until the server does so itself. */
export function handleSignalsEarly(): void {
  for (const [signal, handler] of Object.entries(HANDLERS)) process.on(signal, handler);
}

export function stopHandlingSignalsEarly(): void {
  for (const [signal, handler] of Object.entries(HANDLERS)) process.off(signal, handler);
}
