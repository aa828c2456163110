/** The header under which a file is saved (RFC 6266). */
import { toLine } from '@tidings/contracts/text.ts';

/** Characters of the name, at most: they bound the header. */
const MAX_NAME = 300;

/**
 * Never throws, whatever the name holds.
 * @param name as it is to be shown, in any script
 * @param plain the same in ASCII letters, for programs that read nothing else
 */
export function attachmentNamed(name: string, plain: string): string {
  // RFC 5987 allows less than encodeURIComponent lets through.
  const encoded = encodeURIComponent(toLine(name, MAX_NAME)).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
