/** Thousands of small cells, a batch a frame, so that no frame is long. What they show is said in words below them. */
import type { ChunkStatus } from '@tidings/contracts/services/support.ts';
import { Component } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Cells that one frame draws. */
const BATCH = 250;
/** More cells than these are smaller. */
const MANY = 400;

export function ChunkCells({ statuses }: { statuses: readonly ChunkStatus[] }) {
  const batches = Math.ceil(statuses.length / BATCH);
  const [drawn, setDrawn] = useState(1);
  useEffect(() => {
    if (drawn >= batches) return undefined;
    const frame = requestAnimationFrame(() => setDrawn(drawn + 1));
    return () => cancelAnimationFrame(frame);
  }, [drawn, batches]);
  return (
    <div
      class={statuses.length > MANY ? 'cells is-many' : 'cells'}
      aria-hidden="true"
      data-testid="chunk-cells"
    >
      {Array.from({ length: Math.min(drawn, batches) }, (_, index) => (
        <CellBatch key={index} statuses={statuses.slice(index * BATCH, (index + 1) * BATCH)} />
      ))}
    </div>
  );
}

class CellBatch extends Component<{ statuses: readonly ChunkStatus[] }> {
  override shouldComponentUpdate({ statuses }: { statuses: readonly ChunkStatus[] }): boolean {
    const drawn = this.props.statuses;
    return statuses.length !== drawn.length || statuses.some((status, index) => status !== drawn[index]);
  }

  override render() {
    return (
      <span class="cell-batch">
        {this.props.statuses.map((status, index) => (
          <span key={index} class={`cell is-${status}`} />
        ))}
      </span>
    );
  }
}
