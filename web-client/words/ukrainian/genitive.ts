/** Things with their number after words that ask for the genitive, such as «з» and «після»: `1 з 21 рядка`. */
import { pluralForm } from '../format/counted.ts';
import { formatCount } from '../format/format.ts';

export function ofRows(count: number): string {
  return `${formatCount(count)} ${pluralForm(count, { one: 'рядка', other: 'рядків' })}`;
}

export function ofContacts(count: number): string {
  return `${formatCount(count)} ${pluralForm(count, { one: 'контакту', other: 'контактів' })}`;
}
