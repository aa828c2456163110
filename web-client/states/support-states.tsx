/** The support page, in every state. */

import { hasEnded, type ImportState } from '@tidings/contracts/imports/import.ts';
import type { ComponentChildren } from 'preact';
import type { ConnectionKind } from '../following/view/connection.ts';
import type { PageProblem } from '../shell/services/page-problem.ts';
import '../support/support.css';
import { now } from '../support/clock.ts';
import { ListPage } from '../support/list/list-page.tsx';
import { readQuery } from '../support/list/list-query.ts';
import { SupportNav } from '../support/support-nav.tsx';
import {
  bytesOf,
  endedState,
  endedWith,
  FIXTURE_TIME,
  importState,
  receivingState,
} from '../test/sample-states.ts';
import { failedState } from './run-sample.tsx';
import { nothing, type PageStates } from './samples.tsx';
import { quietServices, sampleServices } from './services-states.tsx';

const supportStates = [
  importState({ importId: '1', version: 1, owner: 'mira.okafor@nordwind.example' }),
  receivingState(
    bytesOf(1_500),
    { created: 1_200, rejected: 3 },
    { importId: '2', status: 'accepted', fileName: '"><img src=x onerror=alert(1)>.csv' },
  ),
  importState({
    importId: '3',
    waitingFor: { reason: 'turn', text: 'its turn (12 chunks of others before it)', chunksBefore: 12 },
  }),
  importState({ importId: '4', status: 'cancelling' }),
  endedState({
    importId: '5',
    status: 'undoing',
    undo: { reversed: 1_500, kept: 0, failed: 0, endedAt: null },
  }),
  endedState({
    importId: '6',
    status: 'undone',
    undo: { reversed: 17_288, kept: 12, failed: 0, endedAt: endedState().endedAt },
  }),
  ...Array.from({ length: 24 }, (_, index) =>
    endedWith(
      { created: 19_000, updated: 1_000 - (index % 3 === 0 ? 25 : 0), rejected: index % 3 === 0 ? 25 : 0 },
      {
        importId: `01958f2a-7c11-7d3e-9a54-00000000${1000 + index}`,
        status: index % 3 === 0 ? 'completed_with_errors' : 'completed',
        fileName: `contacts-${index}.csv`,
        owner: index % 2 === 0 ? 'default' : 'noor',
      },
    ),
  ),
  { ...failedState, importId: '9' },
];

const unanswered: PageProblem = {
  code: 'unavailable',
  title: 'Not available at the moment',
  detail: 'The database does not answer. Try again shortly.',
  retriable: true,
};

const movedAt = ({ importId, waitingFor }: ImportState): number =>
  importId === '1' ? FIXTURE_TIME : FIXTURE_TIME + (waitingFor === null ? 90_000 : 82_000);

function support(
  states: typeof supportStates,
  kind: ConnectionKind = 'live',
  problem: PageProblem | null = null,
): ComponentChildren {
  now.value = FIXTURE_TIME + 90_000;
  const services = states.every(hasEnded) ? quietServices : sampleServices;
  return (
    <>
      <SupportNav place="" onLeave={nothing} />
      <ListPage
        table={new Map(states.map((state) => [state.importId, { state, movedAt: movedAt(state) }]))}
        services={problem === null ? services : null}
        connection={{ kind, since: FIXTURE_TIME }}
        problem={problem}
        asOf={FIXTURE_TIME}
        loaded={true}
        hasOlder={states.length > 3}
        query={readQuery('')}
        onQuery={nothing}
        onOlder={nothing}
      />
    </>
  );
}

export const supportPageStates: PageStates = {
  'support-empty': () => support([]),
  'support-reconnecting': () => support(supportStates.slice(0, 7), 'reconnecting'),
  'support-delayed': () => support(supportStates.slice(0, 3), 'degraded'),
  'support-unanswered': () => support(supportStates.slice(0, 3), 'live', unanswered),
  'support-full': () => support(supportStates),
  'support-long': () =>
    support(
      Array.from({ length: 400 }, (_, index) =>
        endedState({ importId: `01958f2a-7c11-7d3e-9a54-${String(index).padStart(12, '0')}`, owner: 'noor' }),
      ),
    ),
  'support-sums-differ': () =>
    support([
      ...supportStates.slice(0, 3),
      endedWith({ created: 20_000 }, { importId: '7', status: 'completed', reconciled: false }),
    ]),
};
