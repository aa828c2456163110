/** The moments of the loop of `process` at which a test may kill the process. Each engine adds the moments of its own writes. */
export const processCrashPoints = ['handled', 'outputs-collected', 'before-commit', 'after-commit'] as const;

export type ProcessCrashPoint = (typeof processCrashPoints)[number];

/** Called at each crash point of an engine. */
export type CrashPointHook<Point extends string> = (point: Point) => void;
