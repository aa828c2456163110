/** Every import as a row. A row is drawn again only when its own state has changed. */
import type { ImportState } from '@tidings/contracts/import.ts';
import { buckets, hasEnded, rowsReported } from '@tidings/contracts/import.ts';
import { Component } from 'preact';
import { BucketBar } from '../following/bucket-bar.tsx';
import { badgeOfState, StatusBadgeView } from '../following/status-badge.tsx';
import { formatCount, formatMoment } from '../words/format/format.ts';
import { bucketWords, explainUploadError, statusWords, supportWords } from '../words/words.ts';

export function SupportTable({ states }: { states: readonly ImportState[] }) {
  const { columns } = supportWords;
  return (
    <div class="support-frame">
      <table class="support">
        <thead>
          <tr>
            <th scope="col">{columns.file}</th>
            <th scope="col">{columns.status}</th>
            <th scope="col">{columns.rows}</th>
            <th scope="col" class="is-number">
              {columns.rowsPerSecond}
            </th>
            <th scope="col">{columns.started}</th>
            <th scope="col">{columns.ended}</th>
          </tr>
        </thead>
        <tbody>
          {states.map((state) => (
            <SupportRow key={state.importId} state={state} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

class SupportRow extends Component<{ state: ImportState }> {
  override shouldComponentUpdate(next: { state: ImportState }): boolean {
    return next.state !== this.props.state;
  }

  override render() {
    const { state } = this.props;
    return (
      <tr data-testid="support-row" data-import={state.importId}>
        <th scope="row">
          <span class="file-name">{state.fileName}</span>
          <span class="row-note">{state.importId}</span>
        </th>
        <td>
          <StatusBadgeView badge={badgeOfState(state)} testId="support-status" />
          <span class="row-note">{statusNote(state)}</span>
        </td>
        <td class="support-rows">
          <RowCounts state={state} />
        </td>
        <td class="is-number" data-label={supportWords.labels.rowsPerSecond}>
          {state.waitingFor === null ? formatCount(state.rowsPerSecond) : supportWords.noValue}
        </td>
        <td data-label={supportWords.labels.started}>{formatMoment(Date.parse(state.acceptedAt))}</td>
        <td data-label={supportWords.labels.ended}>
          {state.endedAt === null ? supportWords.noValue : formatMoment(Date.parse(state.endedAt))}
        </td>
      </tr>
    );
  }
}

function statusNote(state: ImportState): string {
  const { undo } = state;
  const sentences = [
    state.reconciled === false ? statusWords[state.status] : null,
    state.upload === 'aborted' ? explainUploadError(state.uploadError) : null,
    undo === null ? null : supportWords.undo(undo),
    hasEnded(state) || undo !== null ? null : supportWords.running(state),
  ];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}

function RowCounts({ state }: { state: ImportState }) {
  const filled = buckets.filter((bucket) => state.rows[bucket] > 0);
  return (
    <>
      <span class="support-sum" data-testid="support-rows">
        {supportWords.rows(rowsReported(state), state.rows.total)}
      </span>
      <BucketBar rows={state.rows} slim />
      <span class="row-note">
        {filled.map((bucket, index) => (
          <span key={bucket} class="count">
            <span class={`swatch fill-${bucket}`} aria-hidden="true" />
            <span data-testid={`support-${bucket}`}>{formatCount(state.rows[bucket])}</span>{' '}
            {bucketWords[bucket].name.toLowerCase()}
            {index < filled.length - 1 && ','}
          </span>
        ))}
      </span>
    </>
  );
}
