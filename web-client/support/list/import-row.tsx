/** One import in a row of fixed height, which leads to its story. */
import { hasEnded, type ImportState, rowsReported } from '@tidings/contracts/imports/import.ts';
import { Component } from 'preact';
import { BucketBar } from '../../following/shown/bucket-bar.tsx';
import { badgeOfState } from '../../following/shown/status-badge.tsx';
import { formatBytes, formatCount, formatDuration } from '../../words/format/format.ts';
import { listWords } from '../../words/support-words.ts';
import { explainUploadError, waitingWords } from '../../words/words.ts';
import { now } from '../clock.ts';
import { ShortId } from '../short-id.tsx';
import { storyAddress } from '../story-address.ts';
import { Ago, Lasting } from '../time.tsx';
import { isStuck, type ListedImport, rateOf } from './import-table.ts';
import { listAddress } from './list-query.ts';

interface ImportRowProps {
  readonly listed: ListedImport;
  /** From 0. */
  readonly index: number;
  /** Rows of the whole list. */
  readonly count: number;
}

export class ImportRow extends Component<ImportRowProps> {
  override shouldComponentUpdate({ listed, index, count }: ImportRowProps): boolean {
    const drawn = this.props;
    return listed !== drawn.listed || index !== drawn.index || count !== drawn.count;
  }

  override render() {
    const { listed, index, count } = this.props;
    return (
      <li
        class="import-row"
        style={{ '--row': String(index) }}
        aria-posinset={index + 1}
        aria-setsize={count}
        data-testid="support-row"
        data-import={listed.state.importId}
      >
        <RowCells listed={listed} />
      </li>
    );
  }
}

/** The cells stay as they are drawn where nothing but the row's place changes. */

class RowCells extends Component<Pick<ImportRowProps, 'listed'>> {
  override shouldComponentUpdate({ listed }: Pick<ImportRowProps, 'listed'>): boolean {
    return listed !== this.props.listed;
  }

  override render() {
    const { listed } = this.props;
    const { state } = listed;
    const { importId, fileName, owner } = state;
    const badge = badgeOfState(state);
    return (
      <>
        <span class="row-status">
          <span class={`dot is-${badge.tone}`} aria-hidden="true" />
          <span class="row-text" data-testid="support-status">
            {badge.text}
          </span>
        </span>
        <span class="row-file">
          <a class="row-link" href={storyAddress(importId)} title={fileName}>
            {fileName}
          </a>
          {owner !== undefined && (
            <a class="row-owner" href={listAddress({ owner })} title={listWords.ofOwner(owner)}>
              {owner}
            </a>
          )}
        </span>
        <span class="row-rows">
          <span data-testid="support-rows">{listWords.rows(rowsReported(state), state.rows.total)}</span>
          <BucketBar rows={state.rows} slim />
        </span>
        <RowNow listed={listed} />
        <span class="row-rate">
          <Rate listed={listed} />
        </span>
        <span class="row-started">
          <Ago at={state.acceptedAt} />
        </span>
        <span class="row-took">
          <Took state={state} />
        </span>
        <ShortId id={importId} />
      </>
    );
  }
}

/** What it does or waits for at the moment, and for how long. */
function RowNow({ listed }: { listed: ListedImport }) {
  const { state, movedAt } = listed;
  const { undo, upload, waitingFor } = state;
  if (undo !== null) return <span class="row-now">{listWords.undo(undo)}</span>;
  if (upload === 'aborted') return <span class="row-now">{explainUploadError(state.uploadError)}</span>;
  if (hasEnded(state)) return <span class="row-now" />;
  if (waitingFor !== null)
    return (
      <span class="row-now">
        {waitingWords(waitingFor)} · <Lasting since={movedAt} />
      </span>
    );
  if (isStuck(listed, now.value))
    return (
      <span class="row-now is-stuck" data-testid="support-stuck">
        {listWords.stuck} · <Lasting since={movedAt} />
      </span>
    );
  return (
    <span class="row-now">{upload === 'receiving' && listWords.uploading(formatBytes(state.bytes))}</span>
  );
}

function Rate({ listed }: { listed: ListedImport }) {
  const rate = rateOf(listed, now.value);
  return <>{rate === null ? listWords.noValue : listWords.rate(formatCount(rate))}</>;
}

function Took({ state: { acceptedAt, endedAt } }: { state: ImportState }) {
  if (endedAt === null) return <Lasting since={Date.parse(acceptedAt)} />;
  return <>{formatDuration(Date.parse(endedAt) - Date.parse(acceptedAt))}</>;
}
