import { vi } from 'vitest';
import { MemoryHistory } from '../history/memory-history.ts';

/** A history that takes no durable notification until it is mended. */
export function breakHistory(): { readonly history: MemoryHistory; mend(): void } {
  const history = new MemoryHistory();
  const breaking = vi.spyOn(history, 'append').mockRejectedValue(new Error('the history is broken'));
  return { history, mend: () => breaking.mockRestore() };
}
