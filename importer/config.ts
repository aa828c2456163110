/** The settings of an importer that runs as a process of its own. */
import {
  commonVariables,
  type Environment,
  readConfig,
  wholeNumber,
} from '@tidings/service-kit/config/config.ts';
import {
  checkKafkaVariables,
  databaseVariables,
  kafkaVariables,
} from '@tidings/service-kit/config/engine-variables.ts';

const variables = {
  ...commonVariables,
  ...kafkaVariables,
  ...databaseVariables,
  /** Bulk chunks that are worked off at once, each on a database connection of its own; express chunks have one more connection. */
  IMPORTER_CONNECTIONS: wholeNumber(1, 64, 'connections').default(2),
};

/** @throws ConfigError with every mistake */
export function readImporterConfig(environment: Environment) {
  return readConfig(variables, environment, checkKafkaVariables);
}
