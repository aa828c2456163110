/** Every import as a row. A row draws itself again only when its own state has changed. */

import type { ImportState } from '@tidings/contracts/import.ts';
import { buckets, hasEnded } from '@tidings/contracts/import.ts';
import { Component } from 'preact';
import { BucketBar } from '../following/bucket-bar.tsx';
import { formatBytes, formatCount, formatMoment } from '../words/format.ts';
import { bucketWords, explainUploadError, nothingImported, statusBadge } from '../words/words.ts';
import { phaseOf, rowsOf } from './import-table.ts';

export function SupportTable({ states }: { states: readonly ImportState[] }) {
  return (
    <div class="support-frame">
      <table class="support">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col">Status</th>
            <th scope="col">Rows</th>
            <th scope="col" class="is-number">
              Rows/s
            </th>
            <th scope="col">Started</th>
            <th scope="col">Ended</th>
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
    const badge = statusBadge(state.status, nothingImported(state));
    return (
      <tr data-testid="support-row" data-import={state.importId}>
        <th scope="row">
          <span class="file-name">{state.fileName}</span>
          <span class="row-note">{state.importId}</span>
        </th>
        <td>
          <span class={`badge is-${badge.tone}`} data-testid="support-status">
            {badge.text}
          </span>
          <span class="row-note">{statusNote(state)}</span>
        </td>
        <td class="support-rows">
          <RowCounts state={state} />
        </td>
        <td class="is-number" data-label="rows/s">
          {formatCount(state.rowsPerSecond)}
        </td>
        <td data-label="started">{formatMoment(Date.parse(state.acceptedAt))}</td>
        <td data-label="ended">{state.endedAt === null ? '–' : formatMoment(Date.parse(state.endedAt))}</td>
      </tr>
    );
  }
}

function statusNote(state: ImportState): string {
  if (state.upload === 'aborted') return explainUploadError(state);
  if (hasEnded(state)) return '';
  const { total, completed } = state.chunks;
  const chunks =
    total === null ? `${formatCount(completed)}` : `${formatCount(completed)}/${formatCount(total)}`;
  return `${phaseOf(state)}, ${formatBytes(state.bytes)}, chunks ${chunks}`;
}

function RowCounts({ state }: { state: ImportState }) {
  const { reported, total } = rowsOf(state);
  const filled = buckets.filter((bucket) => state.rows[bucket] > 0);
  return (
    <>
      <span class="support-sum" data-testid="support-rows">
        {formatCount(reported)}
        {total === null ? ' so far' : ` of ${formatCount(total)}`}
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
