/** @jsxImportSource hono/jsx */
import type { HouseholdProps } from '../household.tsx';

/** Households to start from, and the way back to the figures that one of them, or starting over, took the place of. */
export function Beginnings({ manifest, before }: Pick<HouseholdProps, 'manifest' | 'before'>) {
  const { examples = [] } = manifest;
  return (
    <div class="beginnings">
      {before !== undefined && (
        <div id="before" class="before" tabindex={-1}>
          <input type="hidden" name="_before" value={before} />
          <p>What stood here before can be brought back until you change a figure.</p>
          <button class="quiet" type="submit" name="_do" value="back">
            Bring back
          </button>
        </div>
      )}
      {examples.length > 0 && (
        <div class="examples">
          <p id="examples-title" class="note">
            Start from an example:
          </p>
          <ul aria-labelledby="examples-title">
            {examples.map(({ label }, i) => (
              <li>
                <button class="quiet" type="submit" name="_do" value={`example-${i}`}>
                  {label}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
