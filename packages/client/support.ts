/** For the pages and programs of support. */
export { ProblemError } from './errors.ts';
export type { ApiOptions, ListOptions } from './http/request.ts';
export {
  type AuditQuery,
  type BlockedPlace,
  createSupportApi,
  type SupportApi,
} from './support/support-api.ts';
export { closeSupportSession, openSupportSession } from './support/support-session.ts';
