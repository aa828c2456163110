/** How far each consumer group is behind. */
import type { GroupItem } from '@tidings/contracts/services/services.ts';
import { formatCount } from '../../words/format/format.ts';
import { healthWords, listWords } from '../../words/support-words.ts';
import { Lasting } from '../time.tsx';
import { isLate, sortGroups } from './troubles.ts';
import type { KnownServices } from './use-services.ts';

export function GroupTable({ known: { view, shift } }: { known: KnownServices }) {
  const { at, groups } = view;
  const { columns } = healthWords;
  if (groups === null)
    return (
      <p class="callout is-warn" data-testid="no-groups">
        {healthWords.noGroups}
      </p>
    );
  return (
    <table class="lag" aria-labelledby="groups-title">
      <thead>
        <tr>
          {[columns.group, columns.members, columns.waiting, columns.oldest].map((name, index) => (
            <th key={name} scope="col" class={index > 0 ? 'is-number' : ''}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sortGroups(groups, at).map((item) => (
          <Group key={item.group} item={item} isBehind={isLate(item, at)} shift={shift} />
        ))}
      </tbody>
    </table>
  );
}

function Group({ item, isBehind, shift }: { item: GroupItem; isBehind: boolean; shift: number }) {
  const { group, service, members, waiting, oldestAt } = item;
  return (
    <tr class={isBehind ? 'is-late' : ''} data-testid={`group-${group}`}>
      <th scope="row">
        {group} <span class="soft">{service}</span>
      </th>
      <td class="is-number">{formatCount(members)}</td>
      <td class="is-number">{formatCount(waiting)}</td>
      <td class="is-number">
        {oldestAt === null ? listWords.noValue : <Lasting since={Date.parse(oldestAt) + shift} />}
      </td>
    </tr>
  );
}
