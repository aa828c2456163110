/** The settings of a hub that runs as a process of its own. */
import { authVariables, checkAuthVariables } from '@tidings/service-kit/config/auth-variables.ts';
import {
  commonVariables,
  type Environment,
  proxyVariables,
  readConfig,
} from '@tidings/service-kit/config/config.ts';
import {
  checkKafkaVariables,
  kafkaVariables,
  redisVariables,
} from '@tidings/service-kit/config/engine-variables.ts';
import { checkSite, siteVariables } from '@tidings/service-kit/config/site-variables.ts';
import { z } from 'zod';
import { socketTransports } from './sockets/socket-types.ts';

const transportsError = 'must be websocket, or websocket,polling';

export const socketVariables = {
  /** How clients may connect by Socket.IO, parted by commas. Polling needs a proxy that sends all requests of a client to one hub. */
  SOCKET_TRANSPORTS: z
    .string()
    .default('websocket')
    .transform((list) => list.split(',').map((transport) => transport.trim()))
    .pipe(
      z
        .array(z.enum(socketTransports, { error: transportsError }))
        .refine((transports) => transports.includes('websocket'), { error: transportsError }),
    ),
};

const variables = {
  ...commonVariables,
  ...siteVariables,
  ...proxyVariables,
  ...authVariables,
  ...kafkaVariables,
  ...redisVariables,
  ...socketVariables,
};

/** @throws ConfigError that names every mistake */
export function readHubConfig(environment: Environment) {
  return readConfig(variables, environment, (values) => [
    ...checkAuthVariables(values),
    ...checkSite(values),
    ...checkKafkaVariables(values),
  ]);
}
