/** @jsxImportSource hono/jsx */
import type { FieldError } from '../model/features.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Prediction } from '../model/model.ts';
import { HouseholdForm } from './form.tsx';
import type { Format } from './format.ts';
import { Result } from './result.tsx';

/** One household as the page shows it; what a plain post and an htmx swap both render. */
export interface HouseholdProps {
  manifest: Manifest;
  sha256: string;
  format: Format;
  /** What stands in the fields, as text: kept as it was typed. */
  values: Readonly<Record<string, string>>;
  errors: readonly FieldError[];
  /** Undefined when an input was refused. */
  prediction: Prediction | undefined;
  /** Whether the values are the model's own proposals, not the reader's. */
  example: boolean;
}

export function Household(props: HouseholdProps) {
  return (
    <div id="household" class="household">
      <HouseholdForm {...props} />
      <Result {...props} />
    </div>
  );
}
