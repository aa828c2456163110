/** Gives a page a channel token for what its owner has: one that this browser holds, or a new one. */
import {
  type Api,
  type ChannelCredentials,
  type ChannelStorage,
  createApi,
  createChannel,
  ProblemError,
} from '@tidings/client/index.ts';
import type { ServicesAddress } from '../../shell/services/services-address.ts';

export interface AccessOptions extends Pick<ServicesAddress, 'apiUrl'> {
  /** Where this page keeps a token of its own. */
  readonly storage: ChannelStorage;
  /** A token that the browser holds for another reason; null where it holds none. */
  readonly otherToken: () => ChannelCredentials | null;
  /** Where people sign in: fetches the token of who is signed in. */
  readonly fetchUserToken?: () => Promise<string>;
}

/** Runs the work with a token. @throws what the work throws, or `ProblemError` where the server gives no token */
export type WithAccess = <Result>(work: (api: Api, token: string) => Promise<Result>) => Promise<Result>;

/**
 * The work is done with a token that is at hand. Where the server says that the token is not valid any more (401), it is done
 * once more with a new token.
 */
export function createAccess({ apiUrl, storage, otherToken, fetchUserToken }: AccessOptions): WithAccess {
  const apiWith = ({ token }: ChannelCredentials): Api => createApi({ baseUrl: apiUrl, token: () => token });
  const create = async (): Promise<ChannelCredentials> =>
    createChannel({ baseUrl: apiUrl, userToken: await fetchUserToken?.() });
  const createSurely = async (): Promise<ChannelCredentials> => {
    try {
      return await create();
    } catch (error) {
      // Whoever fetches user tokens has a newer one by now.
      const isEnded = error instanceof ProblemError && error.code === 'token_expired';
      if (fetchUserToken === undefined || !isEnded) throw error;
      return create();
    }
  };
  let creating: Promise<ChannelCredentials> | null = null;
  /** One token for all who want one meanwhile. */
  const createOne = (): Promise<ChannelCredentials> => {
    creating ??= createSurely().finally(() => {
      creating = null;
    });
    return creating;
  };
  return async (work) => {
    const known = storage.load() ?? otherToken();
    if (known !== null) {
      try {
        return await work(apiWith(known), known.token);
      } catch (error) {
        if (!(error instanceof ProblemError) || error.status !== 401) throw error;
      }
    }
    // A channel's token opens the owner's contacts too. Nobody listens to the channel, so no socket is opened.
    const created = await createOne();
    storage.save(created);
    return work(apiWith(created), created.token);
  };
}
