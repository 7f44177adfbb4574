import { commandsOf } from '../../support/documented-commands.ts';

/** The lines of a section of eks/README.md that are for kubectl. */
export const kubectlLines = (section: string) =>
  commandsOf('eks/README.md', section).filter((line) => line.startsWith('kubectl '));
