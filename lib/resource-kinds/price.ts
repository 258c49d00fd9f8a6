import { note, USUAL, type ResourceKind } from './kind'

export const PRICE: ResourceKind = {
  ...USUAL,
  kind: 'price',
  label: 'Price',
  plural: 'Prices',
  icon: 'tag',
  description: 'What things cost.',
  section: 'provisioning',
  slug: 'prices',
  permission: 'pricing',
  member: 'prices',
  inCloud: false,
  fields: {
    description: note,
    amount: { type: 'number', label: 'Amount', required: true, min: 0, max: 1_000_000, decimals: 4 },
    currency: {
      type: 'text',
      label: 'Currency',
      format: 'currency',
      required: true,
      hint: 'Three letters, such as EUR',
    },
    unit: {
      type: 'choice',
      label: 'Per',
      required: true,
      options: [
        { value: 'hour', label: 'Hour' },
        { value: 'month', label: 'Month' },
      ],
    },
  },
  columns: ['amount', 'currency', 'unit'],
  pending:
    'Usage and statements are worked out from prices in a later version; until then they are shown only.',
}
