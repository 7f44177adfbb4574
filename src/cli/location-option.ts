import { readConfig } from '../config.ts';
import { type Location, openLocation } from '../store/location.ts';
import { asUsageError, type Io } from './command.ts';
import { checkPath } from './paths.ts';

/** How the commands name a place of rows. */
export const LOCATION = 'a directory, or s3://BUCKET/PREFIX/';

/**
 * The place that an option names, with the settings of the SDK: AWS_REGION, AWS_ENDPOINT_URL_S3 and its own.
 * @throws UsageError
 */
export function locationOf(option: string, text: string, { env }: Io): Location {
  try {
    if (!text.startsWith('s3://')) return openLocation(checkPath(option, text, LOCATION));
    const { AWS_REGION, AWS_ENDPOINT_URL_S3 } = env;
    // Any bucket: the settings of one are checked together.
    const { bucket } = readConfig(
      { AWS_REGION, AWS_ENDPOINT_URL_S3, MODEL_BUCKET: 'any' },
      `Cannot use ${option}`,
    );
    return openLocation(text, { region: bucket?.region, endpoint: bucket?.endpoint });
  } catch (error) {
    throw asUsageError(error);
  }
}
