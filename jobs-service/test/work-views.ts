/** How the engines may stand, as a jobs service sees them. */
import type { WorkView } from '../imports/waiting-for.ts';

/** All works, and nothing waits. */
export const allWorks: WorkView = {
  log: {
    hasImporters: true,
    hasAggregators: true,
    hasUnfolded: false,
    hasWork: true,
    work: { positions: { express: [], bulk: [] }, expressEnds: [] },
  },
  hasDatabase: true,
};
export const noImporter: WorkView = {
  log: {
    hasImporters: false,
    hasAggregators: true,
    hasUnfolded: false,
    hasWork: true,
    work: { positions: { express: [], bulk: [] }, expressEnds: [] },
  },
  hasDatabase: true,
};
