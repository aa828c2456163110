/** How this server tells its own users from strangers. */
export interface Site {
  /** Names that it answers to, as URLs have them: lower case, IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>;
  /** Origins whose pages may use it, besides its own address; compared whole. */
  readonly origins: ReadonlySet<string>;
  /** Whether people reach it by https. */
  readonly isHttps: boolean;
}
