/** A key to the owner's things for pages that watch no import: one that this browser holds, or a new one. */
import {
  type Api,
  type ChannelCredentials,
  createApi,
  createWebStorage,
  ProblemError,
  readProblem,
  whenAdmitted,
} from '@tidings/client/index.ts';
import type { CreatedChannel } from '@tidings/contracts/http.ts';
import { newestKey } from '../following/followed-imports.ts';
import { browserStorage } from '../shell/browser-storage.ts';
import { networkProblem } from '../shell/explain.ts';

const own = createWebStorage(browserStorage('localStorage'), 'tidings.access');

/** Does the work with a key that is at hand; where that has expired, once more with a new one. */
export async function withAccess<Result>(work: (api: Api) => Promise<Result>): Promise<Result> {
  const known = own.load() ?? newestKey();
  if (known !== null) {
    try {
      return await work(apiWith(known));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.status !== 401) throw error;
    }
  }
  const created = await createChannel();
  own.save(created);
  return work(apiWith(created));
}

function apiWith({ token }: ChannelCredentials): Api {
  return createApi({ token: () => token });
}

function createChannel(): Promise<ChannelCredentials> {
  return whenAdmitted(async () => {
    const response = await fetch('/channels', { method: 'POST' }).catch(() => {
      throw new ProblemError({
        status: 0,
        code: 'network',
        detail: networkProblem.detail,
        retriable: true,
      });
    });
    if (!response.ok)
      throw readProblem(response.status, await response.text(), response.headers.get('Retry-After'));
    const { channelId, token } = (await response.json()) as CreatedChannel;
    return { channelId, token };
  });
}
