/** Fetches Socket.IO, which the first channel would wait for. Rejects where that fails; a channel fetches by itself what it lacks. */
export const prepareChannels: () => Promise<unknown> = () => import('socket.io-client');
