import { asEventLogError as asLogError } from '../../engine/failures.ts';
import { EventLogError } from '../../event-log.ts';

/** The name that Kafka gives to an error (`UNKNOWN_TOPIC_OR_PARTITION`), wherever kafkajs has wrapped it; null if Kafka gave none. */
export function kafkaErrorType(error: unknown): string | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; depth += 1) {
    if ('type' in cause && typeof cause.type === 'string') return cause.type;
    if ('errors' in cause && Array.isArray(cause.errors)) cause = cause.errors[0];
    else cause = cause.cause;
  }
  return null;
}

/** Final answers of Kafka: another attempt changes nothing. */
const final: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'TOPIC_ALREADY_EXISTS',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
  'INVALID_REQUEST',
  'POLICY_VIOLATION',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
]);

export function isFinal(error: unknown): boolean {
  if (error instanceof EventLogError || error instanceof RangeError) return true;
  const type = kafkaErrorType(error);
  return type !== null && final.has(type);
}

const outages: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'DeadlineError',
]);

/** Whether Kafka could not be reached, or did not answer. */
export function isOutage(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; depth += 1) {
    if (outages.has(cause.name)) return true;
    cause = cause.cause;
  }
  return false;
}

/** Node.js's codes for certificates that TLS does not trust; codes that begin with `ERR_SSL_` come from the other side. */
const untrusted: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The error `log_refused` where Kafka refuses the password or the certificate, or is not trusted itself; null for any other failure. */
export function refusalOf(error: unknown): EventLogError | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; depth += 1) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (cause.name === 'KafkaJSSASLAuthenticationError' || untrusted.has(code) || code.startsWith('ERR_SSL_'))
      return new EventLogError(
        'log_refused',
        `Kafka and this program do not let each other in: ${briefly(cause)}.`,
        {
          cause: error,
        },
      );
    cause = cause.cause;
  }
  return null;
}

/** The reason in a message of OpenSSL (`0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:file:line`). */
function briefly({ message }: Error): string {
  const [, reason] = /SSL routines:[^:]*:([^:]+):/.exec(message) ?? [];
  return reason ?? message.trim().replace(/\.$/, '');
}

/** The first of several errors, which kafkajs only counts. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
  return first === undefined ? error.message : messageOf(first);
}

/** Errors of the log and of its caller stay as they are; any other error becomes `log_unavailable`. */
export function fromKafkaError(error: unknown): Error {
  return asLogError(error, `Kafka did not do it: ${messageOf(error)}`);
}
