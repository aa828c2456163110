import { formatCount } from '../../words/format/format.ts';
import { listWords } from '../../words/support-words.ts';
import { type ImportTable, matchesQuery } from './import-table.ts';
import type { ListQuery } from './list-query.ts';

/** How many imports a query has found. Pure. @param hasOlder whether the server has more than are known */
export function resultSentence(table: ImportTable, query: ListQuery, now: number, hasOlder: boolean): string {
  const found = [...table.values()].filter((one) => matchesQuery(one, query, now)).length;
  return found === 0 ? listWords.noneFound : listWords.found(`${formatCount(found)}${hasOlder ? '+' : ''}`);
}
