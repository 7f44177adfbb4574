import type { Model } from '../model/model.ts';
import { comesAgain, PERIODS, type Periods } from '../model/periods.ts';
import { periodField } from '../views/form/period-choice.tsx';
import type { Fields } from './replace-figures.ts';

/** The periods in a form's fields that are not the model's own. */
export function chosenPeriods({ manifest }: Model, fields: Fields): Periods {
  const chosen = manifest.features.filter(comesAgain).flatMap(({ name }) => {
    const period = PERIODS.find((one) => one === fields[periodField(name)]);
    return period === undefined || period === manifest.target.period ? [] : [[name, period] as const];
  });
  return Object.fromEntries(chosen);
}
