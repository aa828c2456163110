/** The settings of a hub that runs as a process of its own. */
import { authVariables, checkAuthVariables } from '../service-kit/auth-variables.ts';
import { commonVariables, type Environment, proxyVariables, readConfig } from '../service-kit/config.ts';
import { checkKafkaVariables, kafkaVariables, redisVariables } from '../service-kit/engine-variables.ts';
import { checkSite, siteVariables } from '../service-kit/site-variables.ts';

const variables = {
  ...commonVariables,
  ...siteVariables,
  ...proxyVariables,
  ...authVariables,
  ...kafkaVariables,
  ...redisVariables,
};

/** @throws ConfigError with every mistake */
export function readHubConfig(environment: Environment) {
  return readConfig(variables, environment, (values) => [
    ...checkAuthVariables(values),
    ...checkSite(values),
    ...checkKafkaVariables(values),
  ]);
}
