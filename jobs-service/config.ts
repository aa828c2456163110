/** The settings of a jobs service that runs as a process of its own. */
import { authVariables, checkAuthVariables } from '@tidings/service-kit/config/auth-variables.ts';
import {
  commonVariables,
  type Environment,
  proxyVariables,
  readConfig,
  retentionVariables,
  uploadVariables,
} from '@tidings/service-kit/config/config.ts';
import {
  checkKafkaVariables,
  databaseVariables,
  kafkaVariables,
} from '@tidings/service-kit/config/engine-variables.ts';
import { checkSite, siteVariables } from '@tidings/service-kit/config/site-variables.ts';
import { checkRequestSettings, requestVariables } from './requests/request-settings.ts';

const variables = {
  ...commonVariables,
  ...siteVariables,
  ...proxyVariables,
  ...uploadVariables,
  ...retentionVariables,
  ...authVariables,
  ...requestVariables,
  ...kafkaVariables,
  ...databaseVariables,
};

/** @throws ConfigError with every mistake */
export function readJobsServiceConfig(environment: Environment) {
  return readConfig(variables, environment, (values) => [
    ...checkAuthVariables(values),
    ...checkSite(values),
    ...checkRequestSettings(values),
    ...checkKafkaVariables(values),
  ]);
}

const engineVariables = {
  LOG_LEVEL: commonVariables.LOG_LEVEL,
  ...kafkaVariables,
  ...databaseVariables,
};

/** What preparing the engines needs, and no more. @throws ConfigError with every mistake */
export function readEnginesConfig(environment: Environment) {
  return readConfig(engineVariables, environment, checkKafkaVariables);
}
