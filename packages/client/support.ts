/** For the pages and programs of support. */
export { ProblemError } from './errors.ts';
export type { ApiOptions, ListOptions } from './json-requests.ts';
export { type AuditQuery, type BlockedPlace, createSupportApi, type SupportApi } from './support-api.ts';
export { closeSupportSession, openSupportSession } from './support-session.ts';
