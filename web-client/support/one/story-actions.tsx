/** What support may order about the whole import, as far as its state allows it. */
import { type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import type { ChunkItem } from '@tidings/contracts/services/support.ts';
import { mayBeCancelled, mayBeTakenBack } from '../../following/view/import-outcome.ts';
import { formatCount, formatRows } from '../../words/format/format.ts';
import { joinSentences } from '../../words/format/sentences.ts';
import { orderWords } from '../../words/support-words.ts';
import { cancelWords, takeBackWords } from '../../words/words.ts';
import { OrderForm } from '../order-form.tsx';
import type { StoryOrders } from './story-orders.ts';

interface StoryActionsProps {
  readonly state: ImportState;
  readonly chunks: readonly ChunkItem[];
  readonly orders: StoryOrders;
}

export function StoryActions({ state, chunks, orders }: StoryActionsProps) {
  const { created, updated, failed, total } = state.rows;
  const dead = chunks.filter(({ status }) => status === 'dead').length;
  const actions = [
    dead > 0 && (
      <OrderForm
        key="requeue"
        label={orderWords.requeueAll.label}
        question={orderWords.requeueAll.question}
        act={orders.requeueAll}
        testId="story-requeue"
      >
        {joinSentences([
          orderWords.requeueAll.meaning(formatCount(dead)),
          failed > 0 && orderWords.requeueAll.rows(formatRows(failed)),
        ])}
      </OrderForm>
    ),
    mayBeCancelled(state) && (
      <OrderForm
        key="cancel"
        label={cancelWords.label}
        question={cancelWords.question}
        yes={cancelWords.yes}
        act={orders.cancel}
        danger
        testId="story-cancel"
      >
        {cancelWords.meaning(created, updated, total === null ? null : total - rowsReported(state))}
      </OrderForm>
    ),
    mayBeTakenBack(state) && (
      <OrderForm
        key="undo"
        label={takeBackWords.label}
        question={takeBackWords.question}
        yes={takeBackWords.yes}
        act={orders.undo}
        danger
        testId="story-undo"
      >
        {takeBackWords.meaning(created, updated)}
      </OrderForm>
    ),
  ].filter((action) => action !== false);
  return actions.length === 0 ? null : <div class="actions story-actions">{actions}</div>;
}
