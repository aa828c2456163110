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

const variables = {
  ...commonVariables,
  ...siteVariables,
  ...proxyVariables,
  ...authVariables,
  ...kafkaVariables,
  ...redisVariables,
};

/** @throws ConfigError that names every mistake */
export function readHubConfig(environment: Environment) {
  return readConfig(variables, environment, (values) => [
    ...checkAuthVariables(values),
    ...checkSite(values),
    ...checkKafkaVariables(values),
  ]);
}
