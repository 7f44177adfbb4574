import type { Rule } from '../model/manifest.ts';

/**
 * The rules of thumb that the savings model shows beside a household's own shares. Each is from the United States, and
 * says so: none was found that holds for Indian incomes. So there is none for food, whose share of what the poorest
 * spend is far above what rules of richer countries say.
 */
export const RULES: Rule[] = [
  {
    label: 'Housing: rent and utilities',
    of: { expenses: ['rent', 'utilities'] },
    direction: 'at most',
    limit: 0.3,
    source: { name: 'Rent limit of public housing (Brooke Amendment, as raised)', year: 1981, country: 'US' },
    note: 'The limit is of income before tax, and counts neither phone nor internet. Instalments on a home stand among the loan repayments here, and are not counted.',
  },
  {
    label: 'Saving: what is left over',
    of: { leftOver: true },
    direction: 'at least',
    limit: 0.2,
    source: { name: 'Warren and Tyagi, All Your Worth', year: 2005, country: 'US' },
    note: 'What is left over is saved only where it is set aside.',
  },
];
