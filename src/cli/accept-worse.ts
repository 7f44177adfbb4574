import type { Manifest } from '../model/manifest.ts';
import { noBetterThanBrackets, shortcomingsOf, worseError } from '../model/shortcomings.ts';

/** The option of the commands that make a version or bring it nearer to people. */
export const ACCEPT_WORSE_OPTION = {
  'accept-worse': {
    type: 'boolean',
    help: 'take a model that is no better than the mean, or worse than a linear regression, all the same',
  },
} as const;

/** A model's shortcomings as a field of a command's JSON; nothing where there are none. */
export function shortcomingsField(manifest: Manifest): { shortcomings?: string[] } {
  const shortcomings = shortcomingsOf(manifest);
  return shortcomings.length === 0 ? {} : { shortcomings };
}

/** A model's shortcomings as a line of a command's text; nothing where there are none. */
export function shortcomingsLine(manifest: Manifest): string {
  const shortcomings = shortcomingsOf(manifest);
  return shortcomings.length === 0 ? '' : `  take care: ${shortcomings.join('; ')}\n`;
}

/** That a model is no better than the best few rates by income, as a line of a command's text; mostly nothing. */
export function bracketsLine(manifest: Manifest): string {
  const sentence = noBetterThanBrackets(manifest);
  return sentence === undefined ? '' : `  ${sentence}\n`;
}

/** @param failed such as `publish version 2` @throws AppError `invalid` */
export function checkAccepted(failed: string, manifest: Manifest, acceptWorse: boolean | undefined): void {
  const shortcomings = shortcomingsOf(manifest);
  if (shortcomings.length > 0 && !acceptWorse) throw worseError(failed, shortcomings);
}
