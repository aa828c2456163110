/** With what a picked file is looked at. It stands beside the room of the check, for whoever shows imports says it. */
import type { PageProblem } from '../../shell/services/page-problem.ts';
import type { ServicesAddress } from '../../shell/services/services-address.ts';

export interface FileCheckOptions extends Pick<ServicesAddress, 'apiUrl'> {
  readonly timeoutMs?: number;
  /** Where people sign in: does the work with the token of a channel. */
  readonly withToken?: <Result>(work: (token: string) => Promise<Result>) => Promise<Result>;
  /** Told each problem that is shown, and once that the server does not answer. */
  readonly onProblem?: (problem: PageProblem) => void;
}
